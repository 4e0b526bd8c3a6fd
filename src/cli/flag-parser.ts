// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../base/go-quote.ts";
import { type Flags, FlagValues } from "./flag.ts";

/** A command line taken apart. */
export interface ParsedWords {
  readonly values: FlagValues;
  readonly positional: readonly string[];
  /** How many positional words stood before `--`; undefined without it. */
  readonly countAtDash: number | undefined;
}

export type FlagParse =
  | { readonly ok: true; readonly words: ParsedWords }
  | { readonly ok: false; readonly error: string };

/**
 * Takes a command line apart by the rules of cobra's flag library: `--name value`,
 * `--name=value`, `-n value`, `-nvalue`, `-n=value`, clusters of short booleans, booleans only
 * with `=`, flags anywhere before `--`, the first mistake ends it.
 */
export function parseFlags(words: readonly string[], flags: Flags): FlagParse {
  const parser = new FlagParser(words, flags);
  const error = parser.run();
  if (error !== undefined) return { ok: false, error };
  const { values, positional, countAtDash } = parser;
  return { ok: true, words: { values, positional, countAtDash } };
}

class FlagParser {
  readonly values: FlagValues;
  readonly positional: string[] = [];
  countAtDash: number | undefined;
  readonly #rest: string[];
  readonly #nameByChar = new Map<string, string>();

  constructor(words: readonly string[], flags: Flags) {
    this.values = new FlagValues(flags);
    this.#rest = [...words];
    for (const [name, flag] of Object.entries(flags)) {
      if (flag.char !== undefined) this.#nameByChar.set(flag.char, name);
    }
  }

  /** The text of the first mistake. */
  run(): string | undefined {
    for (;;) {
      const word = this.#rest.shift();
      if (word === undefined) return undefined;
      if (word === "--") {
        this.countAtDash = this.positional.length;
        this.positional.push(...this.#rest);
        return undefined;
      }
      if (!word.startsWith("-") || word === "-") {
        this.positional.push(word);
        continue;
      }
      const error = word.startsWith("--") ? this.#long(word) : this.#cluster(word.slice(1));
      if (error !== undefined) return error;
    }
  }

  #long(word: string): string | undefined {
    const body = word.slice(2);
    if (body.startsWith("-") || body.startsWith("=")) return `bad flag syntax: ${word}`;
    const equals = body.indexOf("=");
    const name = equals === -1 ? body : body.slice(0, equals);
    const flag = this.values.flag(name);
    if (flag === undefined) return `unknown flag: --${name}`;
    if (equals !== -1) return this.#assign(name, body.slice(equals + 1));
    if (flag.kind === "bool") return this.#assign(name, "true");
    const next = this.#rest.shift();
    if (next === undefined) return `flag needs an argument: --${name}`;
    return this.#assign(name, next);
  }

  #cluster(letters: string): string | undefined {
    let rest = letters;
    while (rest !== "") {
      const char = rest.slice(0, 1);
      const name = this.#nameByChar.get(char);
      const flag = name === undefined ? undefined : this.values.flag(name);
      if (name === undefined || flag === undefined) {
        return `unknown shorthand flag: '${char}' in -${rest}`;
      }
      const tail = rest.slice(1);
      if (tail.length > 1 && tail.startsWith("=")) return this.#assign(name, tail.slice(1));
      if (flag.kind !== "bool") {
        const value = tail !== "" ? tail : this.#rest.shift();
        if (value === undefined) return `flag needs an argument: '${char}' in -${rest}`;
        return this.#assign(name, value);
      }
      const error = this.#assign(name, "true");
      if (error !== undefined) return error;
      rest = tail;
    }
    return undefined;
  }

  #assign(name: string, text: string): string | undefined {
    const parsed = this.values.assign(name, text);
    if (parsed.ok) return undefined;
    const char = this.values.flag(name)?.char;
    const spelled = char === undefined ? `--${name}` : `-${char}, --${name}`;
    return `invalid argument ${goQuote(text)} for "${spelled}" flag: ${parsed.error}`;
  }
}
