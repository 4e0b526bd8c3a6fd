// SPDX-License-Identifier: Apache-2.0

import {
  CompactionRequest,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../../src/api/gen/etcdserverpb.ts";
import { executeRange, type RangeResult, type RequestKind } from "../../src/core/apply/index.ts";
import type { KvView } from "../../src/core/mvcc/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { KeyOperations, type Operation } from "./checkers/linearizability.ts";
import type { Outcome, SimMember, SimWorld } from "./contracts.ts";
import { expectThat } from "./failure.ts";

/** Keys whose histories are checked for linearizability: few, so that operations meet. */
const REGISTERS = ["k0", "k1", "k2"];
/** Keys that transactions and ranges use. */
const PAIRS = ["m0", "m1", "m2", "m3"];
const CLIENT_TIMEOUT_MS = 3500;
/** Operations of one run; the checker's work grows with them. */
const OPERATIONS_MAX = 2000;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const firstValue = (kvs: readonly KvView[]): string | null => {
  const [kv] = kvs;
  return kv === undefined ? null : decode(kv.value);
};

/** A value as it stands in a transcript. */
const brief = (value: string): string => value.replace(/\.+$/, "…");

/** What a client waits for. */
interface Pending {
  readonly text: string;
  readonly operation: Operation | undefined;
  isOver: boolean;
}

/** Clients that read and write, one operation at a time each, and remember what they were told. */
export class Workload {
  readonly registers = new KeyOperations();
  readonly #world: SimWorld;
  readonly #random: SeededRandom;
  readonly #values: string[] = ["v0"];
  #operations = 0;
  #isStopped = false;
  /** The highest revision that any client has been told of. */
  #finishedRevision = 1;

  constructor(world: SimWorld) {
    this.#world = world;
    this.#random = new SeededRandom(world.random.intBelow(2 ** 32));
  }

  start(): void {
    for (let client = 0; client < this.#world.tuning.clients; client++) this.#later(client);
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** At the end: some order explains what the clients saw. Answers how many keys stay open. */
  check(): number {
    return this.registers.check();
  }

  #later(client: number): void {
    const thinkMs = 5 + this.#random.intBelow(100);
    this.#world.schedule.after(thinkMs, () => this.#next(client));
  }

  #next(client: number): void {
    if (this.#isStopped || this.#operations >= OPERATIONS_MAX) return;
    const member = this.#world.anyMember(this.#random.chance(50) ? client : undefined);
    if (member === undefined) {
      this.#later(client);
      return;
    }
    this.#operations++;
    const dice = this.#random.intBelow(100);
    if (dice < 30) this.#put(client, member);
    else if (dice < 55) this.#get(client, member);
    else if (dice < 68) this.#compareAndPut(client, member);
    else if (dice < 76) this.#delete(client, member);
    else if (dice < 86) this.#writePair(client, member);
    else if (dice < 93) this.#readPairs(client, member, this.#random.chance(50));
    else if (dice < 97) this.#deletePairs(client, member);
    else this.#compact(client, member);
  }

  #register(): string {
    return REGISTERS[this.#random.intBelow(REGISTERS.length)] ?? "k0";
  }

  /** A value of its own; some are longer than a sector of a disk. */
  #newValue(): string {
    const value = `v${this.#values.length}`;
    const filled = this.#random.chance(15)
      ? value.padEnd(300 + this.#random.intBelow(900), ".")
      : value;
    this.#values.push(filled);
    return filled;
  }

  /** Starts an operation; `settle` is called with its outcome, unless that stays unknown. */
  #begin(
    client: number,
    member: SimMember,
    text: string,
    operation: Operation | undefined,
  ): Pending {
    const pending: Pending = { text, operation, isOver: false };
    const { schedule, transcript } = this.#world;
    transcript.note("begin", client, member.machine.number, text);
    const forget = (): void => this.#giveUp(client, pending);
    member.onDeath.add(forget);
    schedule.after(CLIENT_TIMEOUT_MS, () => {
      member.onDeath.delete(forget);
      forget();
    });
    return pending;
  }

  #giveUp(client: number, pending: Pending): void {
    if (pending.isOver) return;
    pending.isOver = true;
    this.#world.coverage.saw("an outcome was unknown");
    this.#world.transcript.note("unknown", client, pending.text);
    this.#later(client);
  }

  /** True once, when the answer comes in time. */
  #finish(client: number, pending: Pending, result: string): boolean {
    if (pending.isOver) return false;
    pending.isOver = true;
    if (pending.operation !== undefined) pending.operation.returnedMs = this.#world.schedule.nowMs;
    this.#world.transcript.note("end", client, pending.text, result);
    this.#later(client);
    return true;
  }

  #propose(
    client: number,
    member: SimMember,
    request: { readonly kind: RequestKind; readonly message: Uint8Array },
    pending: Pending,
    settle: (outcome: Outcome) => void,
  ): void {
    const { judge } = this.#world;
    member.machine.guard(() => {
      const data = member.propose(request.kind, request.message, (outcome) => {
        if (outcome.kind === "unserved") {
          this.#onUnserved(client, pending, outcome.reason);
          return;
        }
        if ("revision" in outcome) {
          judge.onAcknowledged(data, outcome.revision, pending.text);
          if (!pending.isOver) {
            this.#finishedRevision = Math.max(this.#finishedRevision, outcome.revision);
          }
        }
        settle(outcome);
      });
    });
  }

  #onUnserved(client: number, pending: Pending, reason: string): void {
    if (reason === "dropped") this.#world.coverage.saw("a proposal was dropped");
    this.#giveUp(client, pending);
  }

  /** `value` is what the operation may write; null when it writes nothing. */
  #record(
    key: string,
    text: string,
    value: string | null | undefined,
    effect: Operation["effect"],
    expected?: string,
  ): Operation {
    const invokedMs = this.#world.schedule.nowMs;
    const returnedMs = Number.POSITIVE_INFINITY;
    const condition = expected === undefined ? {} : { expected };
    const operation: Operation = { invokedMs, returnedMs, text, value, effect, ...condition };
    this.registers.add(key, operation);
    return operation;
  }

  #put(client: number, member: SimMember): void {
    const key = this.#register();
    const value = this.#newValue();
    const text = `put ${key}=${brief(value)}`;
    const pending = this.#begin(
      client,
      member,
      text,
      this.#record(key, text, value, () => value),
    );
    const message = PutRequest.encode({ key: encode(key), value: encode(value) });
    this.#propose(client, member, { kind: "put", message }, pending, (outcome) => {
      expectThat(outcome.kind === "put", "no member breaks", () => `${text}: ${outcome.kind}`);
      this.#checkWritten(key, value, outcome.revision);
      if (this.#finish(client, pending, `${outcome.revision}`)) {
        this.#world.coverage.saw("a put was acknowledged");
      } else this.#world.coverage.saw("a proposal timed out and took effect later");
    });
  }

  /** An acknowledged write stands at its revision, in everybody's history. */
  #checkWritten(key: string, value: string | null, revision: number): void {
    const changes = this.#world.judge.history.changesOf(revision);
    expectThat(
      changes.some((change) => change.key === key && change.value === value),
      "writes are where they were acknowledged",
      () => `${key}=${value} was acknowledged at revision ${revision}: ${JSON.stringify(changes)}`,
    );
  }

  #get(client: number, member: SimMember): void {
    const key = this.#register();
    const text = `get ${key}`;
    const operation = this.#record(key, text, null, (state) => state);
    const pending = this.#begin(client, member, text, operation);
    this.#read(client, member, { from: key, to: `${key}\0` }, pending, (result) => {
      operation.observed = firstValue(result.kvs);
      return `${operation.observed}`;
    });
  }

  /** A linearizable read, which must show everything that was finished before it began. */
  #read(
    client: number,
    member: SimMember,
    range: { readonly from: string; readonly to: string },
    pending: Pending,
    settle: (result: RangeResult) => string,
  ): void {
    const floor = this.#finishedRevision;
    const serve = (by: SimMember): void => {
      if (pending.isOver) return;
      const result = this.#execute(by, range);
      expectThat(
        result.revision >= floor,
        "reads are fresh",
        () => `${by.machine.name}: ${pending.text} at ${result.revision}, finished was ${floor}`,
      );
      const text = settle(result);
      this.#finishedRevision = Math.max(this.#finishedRevision, result.revision);
      this.#finish(client, pending, text);
    };
    const unserved = (reason: string): void => this.#onUnserved(client, pending, reason);
    member.machine.guard(() => member.read({ serve, unserved }));
  }

  #execute(
    member: SimMember,
    { from, to }: { readonly from: string; readonly to: string },
  ): RangeResult {
    const request = RangeRequest.create({ key: encode(from), rangeEnd: encode(to) });
    const result = executeRange(member.store, request);
    expectThat(result.kind === "range", "no member breaks", () => "a current read was refused");
    this.#world.judge.history.checkRead(member.machine.name, { from, to }, result);
    return result;
  }

  /** Puts a value if another one is there; answers what was there otherwise. */
  #compareAndPut(client: number, member: SimMember): void {
    const key = this.#register();
    const expected = this.#values.at(-1 - this.#random.intBelow(4)) ?? "v0";
    const value = this.#newValue();
    const text = `cas ${key} ${brief(expected)}->${brief(value)}`;
    const effect: Operation["effect"] = (state) => (state === expected ? value : state);
    const operation = this.#record(key, text, value, effect, expected);
    const pending = this.#begin(client, member, text, operation);
    const message = TxnRequest.encode({
      compare: [
        {
          key: encode(key),
          target: Compare_CompareTarget.VALUE,
          result: Compare_CompareResult.EQUAL,
          value: encode(expected),
        },
      ],
      success: [{ requestPut: { key: encode(key), value: encode(value) } }],
      failure: [{ requestRange: { key: encode(key) } }],
    });
    this.#propose(client, member, { kind: "txn", message }, pending, (outcome) => {
      expectThat(outcome.kind === "txn", "no member breaks", () => `${text}: ${outcome.kind}`);
      if (outcome.succeeded) this.#checkWritten(key, value, outcome.revision);
      else this.#world.coverage.saw("a transaction took its else branch");
      const [response] = outcome.responses;
      if (pending.isOver) return;
      operation.observed = outcome.succeeded
        ? expected
        : response?.kind === "range"
          ? firstValue(response.kvs)
          : null;
      this.#finish(client, pending, `${outcome.succeeded}`);
    });
  }

  #delete(client: number, member: SimMember): void {
    const key = this.#register();
    const text = `delete ${key}`;
    const operation = this.#record(key, text, undefined, () => null);
    const pending = this.#begin(client, member, text, operation);
    const message = DeleteRangeRequest.encode({ key: encode(key), prevKv: true });
    this.#propose(client, member, { kind: "deleteRange", message }, pending, (outcome) => {
      const { kind } = outcome;
      expectThat(kind === "deleteRange", "no member breaks", () => `${text}: ${kind}`);
      if (outcome.deleted === 0) this.#world.coverage.saw("a delete found nothing");
      else this.#checkWritten(key, null, outcome.revision);
      if (pending.isOver) return;
      operation.observed = firstValue(outcome.previous);
      this.#finish(client, pending, `${outcome.deleted}`);
    });
  }

  /** Writes the same value to two keys at once. */
  #writePair(client: number, member: SimMember): void {
    const value = this.#newValue();
    const first = this.#random.intBelow(PAIRS.length);
    const keys = [PAIRS[first] ?? "m0", PAIRS[(first + 1) % PAIRS.length] ?? "m1"];
    const text = `txn ${keys.join(",")}=${brief(value)}`;
    const pending = this.#begin(client, member, text, undefined);
    const message = TxnRequest.encode({
      success: keys.map((key) => ({ requestPut: { key: encode(key), value: encode(value) } })),
    });
    this.#propose(client, member, { kind: "txn", message }, pending, (outcome) => {
      expectThat(outcome.kind === "txn", "no member breaks", () => `${text}: ${outcome.kind}`);
      for (const key of keys) this.#checkWritten(key, value, outcome.revision);
      this.#finish(client, pending, `${outcome.revision}`);
    });
  }

  #readPairs(client: number, member: SimMember, isSerializable: boolean): void {
    const range = { from: "m", to: "n" };
    const text = isSerializable ? "range, serializable" : "range";
    const pending = this.#begin(client, member, text, undefined);
    if (!isSerializable) {
      this.#read(client, member, range, pending, (result) => `${result.revision}`);
      return;
    }
    const result = this.#execute(member, range);
    if (result.revision < this.#finishedRevision) {
      this.#world.coverage.saw("a serializable read was stale");
    }
    this.#finish(client, pending, `${result.revision}`);
  }

  #deletePairs(client: number, member: SimMember): void {
    const pending = this.#begin(client, member, "delete pairs", undefined);
    const message = DeleteRangeRequest.encode({ key: encode("m1"), rangeEnd: encode("m3") });
    this.#propose(client, member, { kind: "deleteRange", message }, pending, (outcome) => {
      this.#finish(client, pending, outcome.kind);
    });
  }

  #compact(client: number, member: SimMember): void {
    const revision = member.store.currentRevision - this.#random.intBelow(30);
    const pending = this.#begin(client, member, `compact ${revision}`, undefined);
    const message = CompactionRequest.encode({ revision: Math.max(revision, 1) });
    this.#propose(client, member, { kind: "compaction", message }, pending, (outcome) => {
      if (outcome.kind === "compaction") this.#world.coverage.saw("a compaction was applied");
      this.#finish(client, pending, outcome.kind);
    });
  }
}
