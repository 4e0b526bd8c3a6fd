// SPDX-License-Identifier: Apache-2.0

type Value = number | bigint | string | boolean | undefined;

/** A run's digest is two of these: 64 bits between "equal" and "equal by chance". */
function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/**
 * What happened in a run, step by step: the same seed gives the same one. The digest stands for
 * all of it; the lines themselves are kept only when somebody wants to read them.
 */
export class Transcript {
  readonly lines: string[] = [];
  readonly #keepsLines: boolean;
  readonly #now: () => number;
  #high = 0x6c62272e;
  #low = 0x811c9dc5;
  count = 0;

  constructor(keepsLines: boolean, now: () => number) {
    this.#keepsLines = keepsLines;
    this.#now = now;
  }

  note(what: string, ...values: readonly Value[]): void {
    const now = this.#now();
    this.count++;
    this.#add(Math.floor(now));
    this.#add(Math.floor((now % 1) * 2 ** 31));
    this.#text(what);
    for (const value of values) {
      if (typeof value === "number") this.#add(value | 0);
      else if (typeof value === "string") this.#text(value);
      else this.#add(Number(value ?? 0) | 0);
    }
    if (!this.#keepsLines) return;
    this.lines.push(`${now.toFixed(3).padStart(9)} ${what} ${values.map(String).join(" ")}`);
  }

  get digest(): string {
    return this.#high.toString(16).padStart(8, "0") + this.#low.toString(16).padStart(8, "0");
  }

  #text(text: string): void {
    for (let at = 0; at < text.length; at++) this.#add(text.charCodeAt(at));
  }

  #add(value: number): void {
    this.#low = mix(this.#low, value);
    this.#high = mix(this.#high, this.#low ^ value);
  }
}
