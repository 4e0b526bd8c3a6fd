// SPDX-License-Identifier: Apache-2.0

import { nanosecondsToMs } from "../../base/go-duration.ts";
import { InvariantError, invariant } from "../../base/invariant.ts";
import type { MemberUrl } from "../../cluster-urls/index.ts";
import { areGatesBuilt } from "./feature-gates.ts";
import { findFlag } from "./flag-table.ts";
import { defaultFlagValue, type FlagValue, formatFlagValue } from "./flag-value.ts";

/** The options as set by one source, defaults behind them, read by name and type. */
export class Settings {
  readonly #values: ReadonlyMap<string, FlagValue>;

  constructor(values: ReadonlyMap<string, FlagValue>) {
    this.#values = values;
  }

  /** Whether somebody set the option, be it to its default. */
  isSet(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string {
    const value = this.#get(name);
    invariant(value.kind === "text", `--${name} is no text`);
    return value.text;
  }

  integer(name: string): bigint {
    const value = this.#get(name);
    invariant(value.kind === "integer", `--${name} is no integer`);
    return value.integer;
  }

  /** Milliseconds. */
  durationMs(name: string): number {
    const value = this.#get(name);
    invariant(value.kind === "duration", `--${name} is no duration`);
    return nanosecondsToMs(value.nanoseconds);
  }

  urls(name: string): readonly MemberUrl[] {
    const value = this.#get(name);
    invariant(value.kind === "urls", `--${name} are no URLs`);
    return value.urls;
  }

  list(name: string): readonly string[] {
    const value = this.#get(name);
    invariant(value.kind === "list", `--${name} is no list`);
    return value.items;
  }

  bool(name: string): boolean {
    const value = this.#get(name);
    invariant(value.kind === "bool", `--${name} is no boolean`);
    return value.bool;
  }

  /** Options set to something that would have no effect, by name, sorted. */
  unsupported(): readonly string[] {
    const names: string[] = [];
    for (const [name, value] of this.#values) {
      const row = findFlag(name);
      invariant(row !== undefined, `unknown option ${name}`);
      if (row.support === "full") continue;
      if (row.type === "feature-gates" && value.kind === "list" && areGatesBuilt(value.items)) {
        continue;
      }
      if (formatFlagValue(value) !== formatFlagValue(defaultFlagValue(row))) names.push(name);
    }
    return names.sort();
  }

  #get(name: string): FlagValue {
    const given = this.#values.get(name);
    if (given !== undefined) return given;
    const row = findFlag(name);
    if (row === undefined) throw new InvariantError(`unknown option ${name}`);
    return defaultFlagValue(row);
  }
}
