// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../../src/base/crc32c.ts";
import type { Entry } from "../../../src/core/raft/index.ts";
import type { Coverage } from "../coverage.ts";
import { expectThat } from "../failure.ts";
import type { MemberLog } from "./member-log.ts";

/** What the entry at an index and term is, whoever has it. */
interface Known {
  readonly previousTerm: number;
  readonly content: string;
}

/** Log matching, leader completeness, and that what is committed stays. */
export class LogChecker {
  readonly #coverage: Coverage;
  readonly #entries = new Map<string, Known>();
  /** The term of what is committed, by index. */
  readonly #committed: number[] = [0];
  /** The term of whoever first knew an entry to be committed, by index. */
  readonly #committedIn: number[] = [0];
  readonly #logs: () => Iterable<MemberLog>;

  constructor(coverage: Coverage, logs: () => Iterable<MemberLog>) {
    this.#coverage = coverage;
    this.#logs = logs;
  }

  /** The last index that any member knows to be committed. */
  get committedIndex(): number {
    return this.#committed.length - 1;
  }

  committedTerm(index: number): number | undefined {
    return this.#committed[index];
  }

  /**
   * A member is about to store entries. By induction it is enough to compare each entry and the
   * term before it: two logs with an equal entry are then equal up to there.
   */
  onAppend(log: MemberLog, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { index, term, type, data } = entry;
      const previousTerm = log.term(index - 1) ?? 0;
      const key = `${index}/${term}`;
      const content = `${type}:${data.length}:${crc32c(data)}`;
      const known = this.#entries.get(key);
      if (known === undefined) this.#entries.set(key, { previousTerm, content });
      else {
        expectThat(
          known.content === content && known.previousTerm === previousTerm,
          "log matching",
          () => `${log.name} has another entry ${key}, or another one before it`,
        );
      }
      const replaced = log.term(index);
      if (replaced !== undefined && replaced !== term) this.#onReplaced(log, index, term);
      log.append(index, term);
    }
  }

  #onReplaced(log: MemberLog, index: number, term: number): void {
    this.#coverage.saw("entries of a deposed leader were replaced");
    expectThat(
      index > this.committedIndex || this.#committed[index] === term,
      "log matching",
      () => `${log.name} replaces the committed entry ${index}`,
    );
  }

  /** A member in term `knownIn` knows more to be committed than before. */
  onCommit(log: MemberLog, from: number, to: number, knownIn: number): void {
    for (let index = from + 1; index <= to; index++) {
      const term = log.term(index);
      const known = this.#committed[index];
      // What a snapshot brought is not in the log: the states are compared instead.
      if (term === undefined) continue;
      if (known !== undefined) {
        expectThat(
          known === term,
          "leader completeness",
          () => `entry ${index} was committed in term ${known}, and again in term ${term}`,
        );
      } else {
        this.#committed[index] = term;
        this.#committedIn[index] = knownIn;
        this.#checkLaterLeaders(index, term);
      }
    }
  }

  /** Whoever leads a later term than that of the commit must have had the entry from its start. */
  #checkLaterLeaders(index: number, term: number): void {
    for (const log of this.#logs()) {
      if (!this.#leadsLater(log, index)) continue;
      this.#expectHeld(log, index, term);
    }
  }

  /** A member was elected: it has everything that was committed in earlier terms. */
  onElected(log: MemberLog): void {
    for (let index = this.committedIndex; index > log.base; index--) {
      const term = this.#committed[index];
      if (term !== undefined && this.#leadsLater(log, index)) this.#expectHeld(log, index, term);
    }
  }

  /** A leader of an earlier term may go on for a while, and may even be elected late. */
  #leadsLater(log: MemberLog, index: number): boolean {
    return (log.leadsTerm ?? 0) > (this.#committedIn[index] ?? 0);
  }

  #expectHeld(log: MemberLog, index: number, term: number): void {
    if (index <= log.base) return;
    expectThat(
      log.term(index) === term,
      "leader completeness",
      () => `${log.name} leads without the committed entry ${index} of term ${term}`,
    );
  }
}
