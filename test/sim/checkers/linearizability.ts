// SPDX-License-Identifier: Apache-2.0

import { expectThat } from "../failure.ts";

/** What a key holds; null is "no such key". */
export type KeyState = string | null;

/** One operation on one key, as its client saw it. Every written value is unique. */
export interface Operation {
  readonly invokedMs: number;
  /** Infinity while the outcome is unknown: it may take effect at any later time, or never. */
  returnedMs: number;
  readonly text: string;
  /** What it may write: null for nothing, undefined for a delete. */
  readonly value: string | null | undefined;
  /** What has to be there for the value to be written. */
  readonly expected?: string;
  /** What the client was told that the key had held; undefined when it was told nothing. */
  observed?: KeyState;
  /** The state behind the operation when it takes effect in `state`. */
  readonly effect: (state: KeyState) => KeyState;
}

export type Verdict = "linearizable" | "broken" | "undecided";

/** States that one search looks at; a history that needs more stays undecided, and is counted. */
export const STATES_MAX = 200_000;

/** The state behind the operation; undefined when it could not have answered what it did. */
function applied({ observed, effect }: Operation, state: KeyState): KeyState | undefined {
  return observed === undefined || observed === state ? effect(state) : undefined;
}

const isUnknown = ({ returnedMs }: Operation): boolean => returnedMs === Number.POSITIVE_INFINITY;

/** By when each value was there at the latest, as the answers tell. */
function seenBy(history: readonly Operation[]): Map<string, number> {
  const seenMs = new Map<string, number>();
  const see = (value: string, byMs: number): boolean => {
    if (byMs >= (seenMs.get(value) ?? Number.POSITIVE_INFINITY)) return false;
    seenMs.set(value, byMs);
    return true;
  };
  for (const { observed, returnedMs } of history) {
    if (typeof observed === "string") see(observed, returnedMs);
  }
  // A conditional write that took effect, as its value shows, has seen what it expected.
  for (let isOpen = true; isOpen; ) {
    isOpen = false;
    for (const { value, expected } of history) {
      const byMs = typeof value === "string" ? seenMs.get(value) : undefined;
      if (expected !== undefined && byMs !== undefined) isOpen = see(expected, byMs) || isOpen;
    }
  }
  return seenMs;
}

/**
 * Writes of unknown outcome are bounded by who saw them. One that nobody saw may as well never
 * have happened: what writes over it does not tell. One that was seen happened before the first
 * answer that shows it.
 */
function bounded(history: readonly Operation[]): Operation[] {
  const seenMs = seenBy(history);
  return history.flatMap((operation) => {
    const { value } = operation;
    if (!isUnknown(operation) || value === undefined) return [operation];
    const returnedMs = value === null ? undefined : seenMs.get(value);
    return returnedMs === undefined ? [] : [{ ...operation, returnedMs }];
  });
}

/** The operations of a search that have not taken effect, from the first of them on. */
class Remaining {
  readonly #operations: readonly Operation[];
  readonly #done: boolean[];
  #first = 0;
  /** Operations with an answer that are left. */
  answered: number;

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
    this.#done = operations.map(() => false);
    this.answered = operations.filter((operation) => !isUnknown(operation)).length;
  }

  take(at: number): void {
    this.#done[at] = true;
    if (!isUnknown(this.#operations[at] as Operation)) this.answered--;
    while (this.#done[this.#first] === true) this.#first++;
  }

  putBack(at: number): void {
    this.#done[at] = false;
    if (!isUnknown(this.#operations[at] as Operation)) this.answered++;
    this.#first = Math.min(this.#first, at);
  }

  /** Names what is left: the first, and what is done behind it. */
  key(): string {
    let text = `${this.#first}`;
    for (let at = this.#first + 1; at < this.#done.length; at++)
      if (this.#done[at]) text += `,${at}`;
    return text;
  }

  /**
   * Who may be next: nothing that is left had returned before it began. Of deletes with unknown
   * outcome the one that began first can stand for all, wherever a later one could.
   */
  candidates(): number[] {
    const found: number[] = [];
    let firstReturnMs = Number.POSITIVE_INFINITY;
    let hasUnknown = false;
    for (let at = this.#first; at < this.#operations.length; at++) {
      const operation = this.#operations[at] as Operation;
      if (operation.invokedMs > firstReturnMs) break;
      if (this.#done[at] === true || (hasUnknown && isUnknown(operation))) continue;
      hasUnknown ||= isUnknown(operation);
      found.push(at);
      firstReturnMs = Math.min(firstReturnMs, operation.returnedMs);
    }
    return found.filter((at) => (this.#operations[at]?.invokedMs ?? 0) <= firstReturnMs);
  }
}

/**
 * Whether there is an order of the operations that respects real time and explains every answer:
 * the search of Wing and Gong, with the states that led nowhere remembered, as Lowe has it.
 */
export function judgeHistory(history: readonly Operation[], statesMax = STATES_MAX): Verdict {
  const operations = bounded(history).sort((a, b) => a.invokedMs - b.invokedMs);
  const left = new Remaining(operations);
  const seen = new Set<string>();
  let isCutShort = false;
  const search = (state: KeyState): boolean => {
    if (left.answered === 0) return true;
    const key = `${left.key()}|${state ?? "-"}`;
    if (seen.has(key)) return false;
    if (seen.size >= statesMax) {
      isCutShort = true;
      return false;
    }
    seen.add(key);
    for (const at of candidatesOf(operations, left, state)) {
      const after = applied(operations[at] as Operation, state);
      if (after === undefined) continue;
      left.take(at);
      if (search(after)) return true;
      left.putBack(at);
    }
    return false;
  };
  if (search(null)) return "linearizable";
  return isCutShort ? "undecided" : "broken";
}

/** An answer that fits the state and changes nothing can always come first. */
function candidatesOf(
  operations: readonly Operation[],
  left: Remaining,
  state: KeyState,
): readonly number[] {
  const candidates = left.candidates();
  const free = candidates.find((at) => {
    const operation = operations[at] as Operation;
    return (
      operation.observed === state && !isUnknown(operation) && operation.effect(state) === state
    );
  });
  return free === undefined ? candidates : [free];
}

/** Operations on one key, gathered during a run. */
export class KeyOperations {
  readonly #byKey = new Map<string, Operation[]>();

  add(key: string, operation: Operation): void {
    const operations = this.#byKey.get(key);
    if (operations === undefined) this.#byKey.set(key, [operation]);
    else operations.push(operation);
  }

  get size(): number {
    let size = 0;
    for (const operations of this.#byKey.values()) size += operations.length;
    return size;
  }

  /** Checks every key; answers on how many the search gave up. */
  check(): number {
    let undecided = 0;
    for (const [key, operations] of this.#byKey) {
      const verdict = judgeHistory(operations);
      if (verdict === "undecided") undecided++;
      expectThat(verdict !== "broken", "history is linearizable", () => {
        const lines = operations.map(
          ({ invokedMs, returnedMs, text, observed }) =>
            `${invokedMs.toFixed(2)}..${returnedMs.toFixed(2)} ${text} saw ${observed}`,
        );
        return `no order explains what happened to ${key}:\n${lines.join("\n")}`;
      });
    }
    return undecided;
  }
}
