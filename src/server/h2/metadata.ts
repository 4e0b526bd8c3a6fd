// SPDX-License-Identifier: Apache-2.0

import { type HeaderEntry, HeaderKind } from "../../base/hpack/header-entry.ts";

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** What the client sent beside the message. Nothing is copied or decoded before it is asked for. */
export class Metadata {
  readonly #entries: readonly HeaderEntry[];

  constructor(entries: readonly HeaderEntry[]) {
    this.#entries = entries;
  }

  /** The first value of a header by its lower-case name, `:authority` and `user-agent` included. */
  get(name: string): string | undefined {
    for (const entry of this.#entries) {
      if (entry.name === name) return entry.value;
    }
    return undefined;
  }

  /** Every value of a header, in order of arrival. */
  getAll(name: string): string[] {
    return this.#entries.filter((entry) => entry.name === name).map((entry) => entry.value);
  }

  /** The decoded values of a `-bin` header; a comma separates several in one field. */
  getBinary(name: string): Buffer[] {
    return this.getAll(name).flatMap((value) =>
      value.split(",").map((part) => Buffer.from(part, "base64")),
    );
  }

  /** Names and values of what is application metadata: no pseudo headers, nothing of gRPC's own. */
  *entries(): Generator<readonly [name: string, value: string]> {
    for (const entry of this.#entries) {
      if (entry.kind === HeaderKind.metadata || entry.kind === HeaderKind.binary) {
        yield [entry.name, entry.value];
      }
    }
  }
}

/** Where a `-bin` value stops being base64: an index into the value, or -1 when it is fine. */
export function base64ErrorAt(value: string): number {
  for (const part of value.split(",")) {
    if (base64Pattern.test(part)) continue;
    const stray = part.search(/[^A-Za-z0-9+/]/);
    return stray < 0 ? part.length : stray;
  }
  return -1;
}
