// SPDX-License-Identifier: Apache-2.0

import { KeyValue } from "../../../../api/gen/mvccpb.ts";
import type { HistorySlice, HistorySource, StoredEvent } from "../event.ts";

/** One operation of a change. */
export interface NaiveOperation {
  readonly kind: "put" | "delete";
  readonly key: string;
  readonly value?: string | Uint8Array;
  readonly lease?: bigint;
}

interface Version {
  readonly event: StoredEvent;
  readonly pair: KeyValue | undefined;
}

/**
 * The slow, obvious twin of the MVCC store for tests: a list of everything that ever happened.
 * Compaction only moves a mark, below which nothing may be read.
 */
export class NaiveStore implements HistorySource {
  readonly versions: Version[] = [];
  readonly #versionsByKey = new Map<string, Version[]>();
  currentRevision = 1;
  compactRevision = -1;
  /** How often history was read. */
  reads = 0;
  /** How often a previous pair was looked up. */
  lookups = 0;

  put(key: string, value: string | Uint8Array = "v", lease = 0n): StoredEvent[] {
    return this.change([{ kind: "put", key, value, lease }]);
  }

  delete(key: string): StoredEvent[] {
    return this.change([{ kind: "delete", key }]);
  }

  /** All operations in one revision; deletes of missing keys do nothing. */
  change(operations: readonly NaiveOperation[]): StoredEvent[] {
    const main = this.currentRevision + 1;
    const events: StoredEvent[] = [];
    for (const operation of operations) {
      const version = this.#version(operation, main, events.length);
      if (version === undefined) continue;
      this.versions.push(version);
      const ofKey = this.#versionsByKey.get(operation.key);
      if (ofKey === undefined) this.#versionsByKey.set(operation.key, [version]);
      else ofKey.push(version);
      events.push(version.event);
    }
    if (events.length > 0) this.currentRevision = main;
    return events;
  }

  compact(revision: number): void {
    this.compactRevision = revision;
  }

  eventsFrom(from: number, to: number, eventsMax: number, bytesMax: number): HistorySlice {
    if (from < this.compactRevision) throw new Error("history below the compaction is gone");
    this.reads++;
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const { event } of this.versions) {
      if (event.main < from) continue;
      if (event.main > to) break;
      const boundary = event.main !== events.at(-1)?.main;
      const full = events.length >= eventsMax || bytes >= bytesMax;
      if (boundary && full) return { events, nextRevision: event.main };
      events.push(event);
      bytes += event.kv.length;
    }
    return { events, nextRevision: to + 1 };
  }

  getAt(key: Uint8Array, revision: number): Uint8Array | undefined {
    this.lookups++;
    if (revision < this.compactRevision) return undefined;
    const pair = this.#pairAt(Buffer.from(key).toString(), revision);
    return pair === undefined ? undefined : KeyValue.encode(pair);
  }

  #pairAt(key: string, revision: number): KeyValue | undefined {
    const versions = this.#versionsByKey.get(key) ?? [];
    return versions.findLast(({ event }) => event.main <= revision)?.pair;
  }

  #version(operation: NaiveOperation, main: number, sub: number): Version | undefined {
    const key = Buffer.from(operation.key);
    const before = this.#pairAt(operation.key, main);
    if (operation.kind === "delete") {
      if (before === undefined) return undefined;
      const kv = KeyValue.encode({ key, modRevision: main });
      const event = { kind: "delete", key, kv, main, sub, createRevision: 0 } as const;
      return { event, pair: undefined };
    }
    const createRevision = before?.createRevision ?? main;
    const pair = KeyValue.create({
      key,
      value: Buffer.from(operation.value ?? "v"),
      createRevision,
      modRevision: main,
      version: (before?.version ?? 0) + 1,
      lease: operation.lease ?? 0n,
    });
    const kv = KeyValue.encode(pair);
    return { event: { kind: "put", key, kv, main, sub, createRevision }, pair };
  }
}
