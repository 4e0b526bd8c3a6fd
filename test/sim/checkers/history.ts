// SPDX-License-Identifier: Apache-2.0

import { KeyValue } from "../../../src/api/gen/mvccpb.ts";
import { crc32c } from "../../../src/base/crc32c.ts";
import type { KvView, StoredEvent } from "../../../src/core/mvcc/index.ts";
import { expectThat } from "../failure.ts";

/** One change, as the members agree on it. */
export interface Change {
  readonly key: string;
  /** Null for a delete. */
  readonly value: string | null;
  readonly revision: number;
}

interface Known extends Change {
  readonly sum: number;
}

const textDecoder = new TextDecoder();

/**
 * Every change of the key space by revision, as the first member to apply it reported it. All
 * later reports, reads and watches are held against it.
 */
export class KeyHistory {
  /** Changes of each revision; the first real one is 2. */
  readonly #revisions: (readonly Known[])[] = [[], []];
  /** Changes of each key, ascending. */
  readonly #keys = new Map<string, Known[]>();
  /** The store's revision behind each applied entry, by whoever got there first. */
  readonly #revisionAt = new Map<number, number>();

  get revision(): number {
    return this.#revisions.length - 1;
  }

  /** A member has applied changes; they follow those that it applied before. */
  onEvents(name: string, events: readonly StoredEvent[]): void {
    for (let at = 0; at < events.length; ) {
      const main = events[at]?.main ?? 0;
      let end = at;
      while (events[end]?.main === main) end++;
      this.#onRevision(name, main, events.slice(at, end));
      at = end;
    }
  }

  #onRevision(name: string, main: number, events: readonly StoredEvent[]): void {
    const known = this.#revisions[main];
    const sums = events.map((event) => crc32c(event.kv) ^ (event.kind === "put" ? 1 : 0));
    if (known !== undefined) {
      expectThat(
        known.length === sums.length && known.every((change, at) => change.sum === sums[at]),
        "states are equal at equal index",
        () => `${name} made other changes of revision ${main}`,
      );
      return;
    }
    expectThat(
      main === this.#revisions.length,
      "states are equal at equal index",
      () => `${name} made revision ${main} after ${this.revision}`,
    );
    this.#revisions.push(events.map((event, at) => this.#learn(event, sums[at] ?? 0)));
  }

  #learn(event: StoredEvent, sum: number): Known {
    const key = textDecoder.decode(event.key);
    const value = event.kind === "put" ? KeyValue.decode(event.kv).value : null;
    const text = value === null ? null : textDecoder.decode(value);
    const change = { key, value: text, revision: event.main, sum };
    const changes = this.#keys.get(key);
    if (changes === undefined) this.#keys.set(key, [change]);
    else changes.push(change);
    return change;
  }

  /** A member's store stands at `revision` behind entry `index`. */
  onApplied(name: string, index: number, revision: number): void {
    const known = this.#revisionAt.get(index);
    if (known === undefined) this.#revisionAt.set(index, revision);
    else {
      expectThat(
        known === revision,
        "states are equal at equal index",
        () => `${name} is at revision ${revision} behind entry ${index}, others at ${known}`,
      );
    }
  }

  /** The changes of one revision. */
  changesOf(revision: number): readonly Change[] {
    return this.#revisions[revision] ?? [];
  }

  /** The value of a key at a revision. */
  valueAt(key: string, revision: number): string | null {
    const changes = this.#keys.get(key) ?? [];
    return changes.findLast((change) => change.revision <= revision)?.value ?? null;
  }

  /** Keys in [from, to) that exist at a revision, ascending. */
  pairsAt(from: string, to: string, revision: number): { key: string; value: string }[] {
    const pairs: { key: string; value: string }[] = [];
    for (const key of [...this.#keys.keys()].sort()) {
      if (key < from || key >= to) continue;
      const value = this.valueAt(key, revision);
      if (value !== null) pairs.push({ key, value });
    }
    return pairs;
  }

  /** Changes of keys in [from, to) of the revisions from `first` to `last`. */
  changesIn(from: string, to: string, first: number, last: number): Change[] {
    const found: Change[] = [];
    for (let revision = Math.max(first, 2); revision <= last; revision++) {
      for (const change of this.#revisions[revision] ?? []) {
        if (change.key >= from && change.key < to) found.push(change);
      }
    }
    return found;
  }

  /** What a read answered is what was there at the revision that it names. */
  checkRead(
    name: string,
    range: { readonly from: string; readonly to: string },
    answer: { readonly revision: number; readonly kvs: readonly KvView[] },
  ): void {
    const expected = this.pairsAt(range.from, range.to, answer.revision);
    const found = answer.kvs.map((kv) => ({
      key: textDecoder.decode(kv.key),
      value: textDecoder.decode(kv.value),
    }));
    expectThat(
      JSON.stringify(found) === JSON.stringify(expected),
      "reads show what was",
      () =>
        `${name} read ${JSON.stringify(found)} at revision ${answer.revision}, ` +
        `but there was ${JSON.stringify(expected)}`,
    );
  }
}
