// SPDX-License-Identifier: Apache-2.0

import { expectThat } from "../failure.ts";

/** One operation on one key, as its client saw it. Values are unique; null is "no such key". */
export interface Operation {
  readonly invokedMs: number;
  /** Infinity while the outcome is unknown: it may take effect at any later time, or never. */
  returnedMs: number;
  readonly text: string;
  /** What it may write: null for nothing, undefined for no value of its own. */
  readonly value: string | null | undefined;
  /**
   * The state behind the operation when it takes effect in `state`; undefined when it could not
   * have answered what it did.
   */
  readonly apply: (state: string | null) => string | null | undefined;
}

/** States that one search looks at; a history that needs more is not judged. */
const STATES_MAX = 200_000;

/**
 * Whether there is an order of the operations that respects real time and explains every answer:
 * the search of Wing and Gong, with the states that led nowhere remembered, as Lowe has it.
 */
export function isLinearizable(history: readonly Operation[]): boolean {
  const operations = [...history].sort((a, b) => a.invokedMs - b.invokedMs);
  const seen = new Set<string>();
  let budget = STATES_MAX;
  // What is done: everything before `from`, and of the rest those in `done`.
  const search = (from: number, done: ReadonlySet<number>, state: string | null): boolean => {
    let first = from;
    const rest = new Set(done);
    while (rest.delete(first)) first++;
    if (isOver(operations, first, rest)) return true;
    const key = `${first}|${[...rest].sort((a, b) => a - b).join(",")}|${state ?? "-"}`;
    if (seen.has(key)) return false;
    seen.add(key);
    if (budget-- <= 0) return true;
    for (const next of candidates(operations, first, rest)) {
      const after = operations[next]?.apply(state);
      if (after !== undefined && search(first, new Set(rest).add(next), after)) return true;
    }
    return false;
  };
  return search(0, new Set(), null);
}

/** Whether all that is left may never have happened. */
function isOver(
  operations: readonly Operation[],
  from: number,
  done: ReadonlySet<number>,
): boolean {
  for (let at = from; at < operations.length; at++) {
    if (!done.has(at) && operations[at]?.returnedMs !== Number.POSITIVE_INFINITY) return false;
  }
  return true;
}

/** Operations that may be next: nothing that is left had returned before they began. */
function candidates(
  operations: readonly Operation[],
  from: number,
  done: ReadonlySet<number>,
): number[] {
  const found: number[] = [];
  let firstReturnMs = Number.POSITIVE_INFINITY;
  for (let at = from; at < operations.length; at++) {
    const operation = operations[at];
    if (operation === undefined || operation.invokedMs > firstReturnMs) break;
    if (done.has(at)) continue;
    found.push(at);
    firstReturnMs = Math.min(firstReturnMs, operation.returnedMs);
  }
  return found.filter((at) => (operations[at]?.invokedMs ?? 0) <= firstReturnMs);
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

  /** Checks every key, of those operations that count. */
  check(counts: (operation: Operation) => boolean): void {
    for (const [key, all] of this.#byKey) {
      const operations = all.filter(counts);
      expectThat(isLinearizable(operations), "history is linearizable", () => {
        const lines = operations.map(
          ({ invokedMs, returnedMs, text }) =>
            `${invokedMs.toFixed(2)}..${returnedMs.toFixed(2)} ${text}`,
        );
        return `no order explains what happened to ${key}:\n${lines.join("\n")}`;
      });
    }
  }
}
