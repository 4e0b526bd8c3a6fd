// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RaftLog } from "./log.ts";
import { silentRaftLogger } from "./logger.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { EMPTY_CONF_STATE, type Entry, NO_BYTES } from "./types.ts";

const NO_LIMIT = Number.POSITIVE_INFINITY;

function entries(from: number, terms: readonly number[]): Entry[] {
  return terms.map((term, i) => ({ type: 0, term, index: from + i, data: NO_BYTES }));
}

function newLog(terms: readonly number[], maxApplyingBytes = NO_LIMIT) {
  const storage = new MemoryStorage();
  storage.append(entries(1, terms));
  return { storage, log: new RaftLog({ storage, logger: silentRaftLogger, maxApplyingBytes }) };
}

type Operation =
  | { kind: "append"; before: number; terms: number[]; commit: number }
  | { kind: "hand-out" }
  | { kind: "stored" }
  | { kind: "compact"; part: number };

const part = fc.double({ min: 0, max: 1, noNaN: true });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant("append" as const),
    before: fc.nat(12),
    terms: fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 6 }),
    commit: fc.nat(8),
  }),
  fc.constant({ kind: "hand-out" as const }),
  fc.constant({ kind: "stored" as const }),
  fc.record({ kind: fc.constant("compact" as const), part }),
);

/** The log as a plain list of terms, beside the real one with storage that lags behind. */
class Twins {
  readonly storage = new MemoryStorage();
  readonly log = new RaftLog({
    storage: this.storage,
    logger: silentRaftLogger,
    maxApplyingBytes: NO_LIMIT,
  });
  terms: number[] = [];
  committed = 0;
  #term = 1;
  #writes: Entry[][] = [];

  apply(op: Operation): void {
    if (op.kind === "append") this.#append(op);
    else if (op.kind === "hand-out") this.#handOut();
    else if (op.kind === "stored") this.#store();
    else this.#compact(op.part);
  }

  /** A leader of a later term sends entries that start somewhere after what is committed. */
  #append({ before, terms, commit }: Extract<Operation, { kind: "append" }>): void {
    const at = Math.max(this.committed, this.terms.length - before);
    const isSame = (i: number): boolean => i < this.terms.length;
    this.#term++;
    const sent = terms.map((own, i) =>
      own === 0 && isSame(at + i) && terms.slice(0, i).every((t) => t === 0)
        ? (this.terms[at + i] ?? 0)
        : this.#term,
    );
    const id = { term: this.log.termOrZero(at), index: at };
    const last = this.log.maybeAppend(id, entries(at + 1, sent), this.committed + commit);
    expect(last).toBe(at + sent.length);
    const conflict = sent.findIndex((term, i) => this.terms[at + i] !== term);
    if (conflict >= 0) {
      this.terms = [...this.terms.slice(0, at + conflict), ...sent.slice(conflict)];
    }
    this.committed = Math.max(this.committed, Math.min(this.committed + commit, at + sent.length));
  }

  #handOut(): void {
    const next = this.log.unstable.nextEntries();
    if (next.length > 0) this.#writes.push([...next]);
    this.log.acceptUnstable();
  }

  #store(): void {
    const written = this.#writes.shift();
    const last = written?.at(-1);
    if (written === undefined || last === undefined) return;
    this.storage.append(written);
    // As in the engine: a word about entries that were replaced meanwhile is not passed on.
    if (this.log.matches(last)) this.log.unstable.stableTo(last);
  }

  #compact(fraction: number): void {
    const stored = Math.min(this.committed, this.log.unstable.offset - 1, this.storage.lastIndex());
    const index = Math.floor(stored * fraction);
    if (index >= this.storage.firstIndex()) this.storage.compact(index);
  }
}

describe("the log over storage that lags behind", () => {
  it("is the log of a plain list", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 50 }), (operations) => {
        const twins = new Twins();
        for (const op of operations) {
          twins.apply(op);
          const { log, terms, committed } = twins;
          expect([log.lastIndex(), log.committed]).toEqual([terms.length, committed]);
          const first = log.firstIndex();
          const all = log.slice(first, log.lastIndex() + 1, NO_LIMIT);
          if (typeof all === "string") throw new Error(all);
          expect(all.map((e) => e.term)).toEqual(terms.slice(first - 1));
          expect(all.map((e) => log.term(e.index))).toEqual(terms.slice(first - 1));
        }
      }),
    );
  });

  it("finds where two logs can still agree", () => {
    const rising = fc
      .array(fc.nat(2), { maxLength: 15 })
      .map((steps) => steps.map((_, i) => 1 + steps.slice(0, i + 1).reduce((a, b) => a + b, 0)));
    fc.assert(
      fc.property(rising, fc.nat(15), fc.nat(30), (terms, index, term) => {
        const { log } = newLog(terms);
        const at = Math.min(index, terms.length);
        let naive = at;
        while (naive > 0 && (terms[naive - 1] ?? 0) > term) naive--;
        expect(log.findConflictByTerm(at, term)).toEqual({
          index: naive,
          term: naive === 0 ? 0 : terms[naive - 1],
        });
      }),
    );
  });

  it("counts a log as up to date by its last term first, then by its length", () => {
    const { log } = newLog([1, 2, 2]);
    expect(log.isUpToDate({ term: 3, index: 1 })).toBe(true);
    expect(log.isUpToDate({ term: 2, index: 3 })).toBe(true);
    expect(log.isUpToDate({ term: 2, index: 2 })).toBe(false);
    expect(log.isUpToDate({ term: 1, index: 9 })).toBe(false);
  });

  it("does not replace what is committed", () => {
    const { log } = newLog([1, 1, 1]);
    log.commitTo(2);
    const before = { term: 1, index: 1 };
    expect(() => log.maybeAppend(before, entries(2, [2]), 0)).toThrow("conflict with committed");
    expect(() => log.commitTo(4)).toThrow("the log lost entries");
    expect(() => log.appliedTo(3, 0)).toThrow("out of range");
  });

  it("hands out for applying only what is stored, if the caller stores on its own", () => {
    const { log, storage } = newLog([1]);
    log.append(entries(2, [1]));
    log.commitTo(2);
    expect(log.nextCommitted(true).map((e) => e.index)).toEqual([1, 2]);
    expect(log.nextCommitted(false).map((e) => e.index)).toEqual([1]);
    storage.append(log.unstable.nextEntries());
    log.unstable.stableTo({ term: 1, index: 2 });
    expect(log.nextCommitted(false).map((e) => e.index)).toEqual([1, 2]);
  });

  it("hands out nothing for applying while a snapshot is not stored", () => {
    const { log } = newLog([1, 1]);
    log.commitTo(1);
    const confState = { ...EMPTY_CONF_STATE, voters: [1n] };
    log.restore({ data: NO_BYTES, metadata: { confState, index: 9, term: 3 } });
    expect([log.firstIndex(), log.lastIndex(), log.committed]).toEqual([10, 9, 9]);
    expect([log.term(9), log.term(8), log.term(10)]).toEqual([3, "compacted", "unavailable"]);
    expect(log.hasNextCommitted(true)).toBe(false);
    expect(log.slice(2, 3, NO_LIMIT)).toBe("compacted");
  });

  it("keeps the sum of what is being applied within its limit", () => {
    // An entry of these takes four bytes.
    const { log } = newLog([1, 1, 1, 1, 1], 10);
    log.commitTo(5);
    const first = log.nextCommitted(true);
    expect(first.map((e) => e.index)).toEqual([1, 2]);
    log.acceptApplying(2, 8, true);
    expect(log.hasNextCommitted(true)).toBe(false);
    log.appliedTo(1, 4);
    expect(log.nextCommitted(true).map((e) => e.index)).toEqual([3]);
  });

  it("cuts what spans both parts at the limit", () => {
    const { log } = newLog([1, 1]);
    log.append(entries(3, [1, 1]));
    const indexes = (max: number): unknown => {
      const result = log.slice(1, 5, max);
      return typeof result === "string" ? result : result.map((e) => e.index);
    };
    expect([indexes(0), indexes(8), indexes(11), indexes(12), indexes(16)]).toEqual([
      [1],
      [1, 2],
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
  });
});
