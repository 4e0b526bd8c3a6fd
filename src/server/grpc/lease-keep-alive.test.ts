// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../../api/gen/etcdserverpb.ts";
import { readRequest } from "../../core/apply/index.ts";
import { MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { Lessor } from "../../core/lease/index.ts";
import { MvccStore } from "../../core/mvcc/index.ts";
import type { StreamCall, StreamListener } from "../h2/index.ts";
import type { ProposalWaiter, ReadWaiter } from "../replica/face.ts";
import { LeaseKeepAliveService } from "./lease-keep-alive.ts";

/** A stream that notes what it is told. */
class FakeCall {
  readonly answers: [id: bigint, ttl: number][] = [];
  readonly path = "/etcdserverpb.Lease/LeaseKeepAlive";
  readonly peerAddress = "@";
  readonly deadlineMs = undefined;
  readonly bufferedBytes = 0;
  readonly metadata: StreamCall["metadata"];
  outcome = "open";
  isPaused = false;
  isFull = false;
  ended = false;

  constructor(wantsLeader: boolean) {
    const values = new Map(wantsLeader ? [["hasleader", "true"]] : []);
    this.metadata = {
      get: (name: string) => values.get(name),
    } as unknown as StreamCall["metadata"];
  }

  write(message: Uint8Array): boolean {
    const { ID, TTL } = LeaseKeepAliveResponse.decode(message);
    this.answers.push([ID, TTL]);
    return !this.isFull;
  }

  lend(messages: readonly (readonly Uint8Array[])[]): boolean {
    return messages.map((pieces) => this.write(Buffer.concat(pieces))).every(Boolean);
  }

  end(): void {
    this.outcome = "ended";
  }

  fail(code: number, message: string): void {
    this.outcome = `${code} ${message}`;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

class Bench {
  nowMs = 0;
  leader = 1n;
  readonly backend = openMemoryBackend(new MemoryDisk());
  readonly leases = new Lessor(this.backend, { checkpoints: true });
  readonly reads: ReadWaiter[] = [];
  readonly proposals: ProposalWaiter[] = [];
  readonly service: LeaseKeepAliveService;
  receiveFailures = 0;
  call = new FakeCall(false);
  stream: StreamListener;

  constructor() {
    const status = () => ({
      term: 2,
      leader: this.leader,
      isLeader: true,
      committedIndex: 1,
      appliedIndex: 1,
    });
    this.service = new LeaseKeepAliveService(
      {
        clusterId: 1n,
        memberId: 1n,
        store: new MvccStore(this.backend),
        leases: this.leases,
        status,
        newId: () => 1n,
        prepare: (kind, data) => ({ id: 0, data, request: readRequest(kind, data) }),
        propose: (_prepared, waiter) => this.proposals.push(waiter),
        proposeAsLeader: (_prepared, waiter) => this.proposals.push(waiter),
        read: (waiter) => this.reads.push(waiter),
        whenCompacted: () => {},
      },
      { monotonicMs: () => this.nowMs, unixMs: () => this.nowMs },
      () => this.receiveFailures++,
    );
    this.leases.promote(0);
    this.leases.grant(1n, 10, 0);
    this.stream = this.open();
  }

  open(wantsLeader = false): StreamListener {
    this.call = new FakeCall(wantsLeader);
    this.stream = this.service.keepAlive(this.call);
    return this.stream;
  }

  renew(...ids: bigint[]): void {
    for (const ID of ids) this.stream.onMessage(LeaseKeepAliveRequest.encode({ ID }));
  }

  serve(): void {
    for (const read of this.reads.splice(0)) read.serve();
  }
}

test("a stream whose request cannot be read ends, and counts as a failure to receive", () => {
  const bench = new Bench();
  bench.stream.onMessage(Uint8Array.of(0xff));
  bench.stream.onMessage(Uint8Array.of(0xff));
  expect(bench.receiveFailures).toBe(1);
});

test("nothing is renewed before the member has made sure that it still leads", () => {
  const bench = new Bench();
  bench.nowMs = 5000;
  bench.renew(1n, 2n);
  expect(bench.call.answers).toEqual([]);
  expect(bench.leases.get(1n)?.expiryMs).toBe(10_000);
  bench.serve();
  expect(bench.call.answers).toEqual([
    [1n, 10],
    [2n, 0],
  ]);
  expect(bench.leases.get(1n)?.expiryMs).toBe(15_000);
});

test("a renewal that comes too late waits for the lease's end", () => {
  const bench = new Bench();
  bench.nowMs = 10_000;
  bench.renew(1n);
  bench.serve();
  bench.service.onTurn();
  expect(bench.call.answers).toEqual([]);
  bench.leases.revoke(1n);
  bench.service.onTurn();
  expect(bench.call.answers).toEqual([[1n, 0]]);
});

test("a member that leads no more ends the stream, also of a renewal that waits", () => {
  const bench = new Bench();
  bench.nowMs = 10_000;
  bench.renew(1n);
  bench.serve();
  bench.leases.demote();
  bench.service.onTurn();
  expect(bench.call.outcome).toBe("2 not a primary lessor");
  bench.open();
  bench.renew(1n);
  bench.serve();
  expect(bench.call.outcome).toBe("2 not a primary lessor");
});

test("without an answer in time the stream ends, and says so when there is no leader", () => {
  const bench = new Bench();
  bench.renew(1n);
  bench.reads.pop()?.unserved("timeout");
  expect(bench.call.outcome).toBe("14 etcdserver: request timed out");
  bench.leader = 0n;
  bench.open();
  bench.renew(1n);
  bench.reads.pop()?.unserved("timeout");
  expect(bench.call.outcome).toBe("14 etcdserver: no leader");
});

test("a stream that wants a leader is refused without one, and ends when it is lost", () => {
  const bench = new Bench();
  bench.open(true);
  const other = bench.call;
  bench.open(false);
  bench.leader = 0n;
  bench.service.onLeaderLost();
  expect([other.outcome, bench.call.outcome]).toEqual(["14 etcdserver: no leader", "open"]);
  bench.open(true);
  expect(bench.call.outcome).toBe("14 etcdserver: no leader");
});

test("a lease whose remaining time was noted is renewed once that note is taken back", () => {
  const bench = new Bench();
  bench.leases.checkpoint({ id: 1n, remainingTtl: 4 }, 0, true);
  bench.renew(1n);
  bench.serve();
  expect(bench.call.answers).toEqual([]);
  expect(bench.proposals).toHaveLength(1);
  bench.leases.checkpoint({ id: 1n, remainingTtl: 0 }, 0, true);
  bench.proposals[0]?.applied({ kind: "done" });
  expect(bench.call.answers).toEqual([[1n, 10]]);
});

test("a stream with too many renewals under way, or one that is not read, is paused", () => {
  const bench = new Bench();
  bench.renew(...Array.from({ length: 255 }, () => 1n));
  expect(bench.call.isPaused).toBe(false);
  bench.renew(1n);
  expect(bench.call.isPaused).toBe(true);
  bench.call.isFull = true;
  bench.serve();
  expect(bench.call.isPaused).toBe(true);
  bench.stream.onDrain?.();
  expect(bench.call.isPaused).toBe(false);
});

test("a stream ends behind its last answer, and a cancelled one hears nothing more", () => {
  const bench = new Bench();
  bench.renew(1n);
  bench.stream.onHalfClose();
  expect(bench.call.outcome).toBe("open");
  bench.serve();
  expect(bench.call.outcome).toBe("ended");
  bench.open().onHalfClose();
  expect(bench.call.outcome).toBe("ended");
  bench.open();
  bench.renew(1n);
  bench.stream.onCancel("cancelled");
  bench.serve();
  expect(bench.call.answers).toEqual([]);
});

test("bytes that are no request end the stream; so does the end of the member", () => {
  const bench = new Bench();
  bench.stream.onMessage(Uint8Array.of(0x08));
  expect(bench.call.outcome).toMatch(/^13 grpc: failed to unmarshal the received message/);
  bench.open();
  bench.service.stop();
  expect(bench.call.outcome).toBe("14 etcdserver: server stopped");
  bench.open();
  expect(bench.call.outcome).toBe("14 etcdserver: server stopped");
});
