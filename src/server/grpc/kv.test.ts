// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { KVService, PutRequest, PutResponse } from "../../api/gen/etcdserverpb.ts";
import { silentLogger } from "../../base/contracts/logger.ts";
import { readRequest } from "../../core/apply/index.ts";
import { MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { MvccStore } from "../../core/mvcc/index.ts";
import type { Metadata, UnaryCall } from "../h2/index.ts";
import type { ProposalWaiter, ReplicaFace } from "../replica/face.ts";
import { Slices } from "../replica/slices.ts";
import { KvService } from "./kv.ts";
import { SlowRequests } from "./slow-requests.ts";
import { SpaceCheck } from "./space-check.ts";

class FakeCall implements UnaryCall {
  readonly path = KVService.put.path;
  readonly metadata = { get: () => undefined } as unknown as Metadata;
  readonly peerAddress = "127.0.0.1:1";
  readonly deadlineMs = undefined;
  ended = false;
  readonly answers: Uint8Array[] = [];
  readonly failures: [number, string][] = [];

  respond(message: Uint8Array): void {
    this.answers.push(message.slice());
  }

  making(): boolean {
    return true;
  }

  respondPages(pages: readonly Uint8Array[]): void {
    this.answers.push(Buffer.concat(pages));
  }

  fail(code: number, message: string): void {
    this.failures.push([code, message]);
  }

  onCancel(): void {}
}

/** The service on a replica that keeps every proposal in flight until the test says otherwise. */
function putInFlight(): { call: FakeCall; waiter: ProposalWaiter } {
  const waiters: ProposalWaiter[] = [];
  const replica: Omit<ReplicaFace, "leases"> = {
    newId: () => 1n,
    clusterId: 1n,
    memberId: 2n,
    store: new MvccStore(openMemoryBackend(new MemoryDisk())),
    status: () => ({
      term: 2,
      leader: 2n,
      isLeader: true,
      committedIndex: 1,
      appliedIndex: 1,
    }),
    prepare: (kind, message) => ({ id: 1, data: message, request: readRequest(kind, message) }),
    propose: (_prepared, waiter) => waiters.push(waiter),
    proposeAsLeader: (_prepared, waiter) => waiters.push(waiter),
    read: () => {},
    whenCompacted: () => {},
  };
  const clock = { monotonicMs: () => 0, unixMs: () => 0 };
  const slowRequests = new SlowRequests({
    clock,
    logger: silentLogger,
    requestMs: 1000,
    applyMs: 1000,
    observeRange: () => {},
    observe: () => {},
  });
  const slices = new Slices(clock);
  const space = new SpaceCheck({ hasRoomFor: () => true }, { raise: () => {} });
  const service = new KvService({ replica, txnOperationsMax: 128, slowRequests, space, slices });
  const call = new FakeCall();
  const message = PutRequest.encode({ key: Buffer.from("k"), value: Buffer.from("v") });
  service.methods().get(KVService.put.path)?.(call, message);
  const [waiter] = waiters;
  if (waiter === undefined) throw new Error("nothing was proposed");
  return { call, waiter };
}

test("a put in flight is answered once it is applied, and not before", () => {
  const { call, waiter } = putInFlight();
  expect(call.answers).toEqual([]);
  waiter.applied({ kind: "put", revision: 7, previous: undefined });
  const [answer = new Uint8Array(0)] = call.answers;
  expect(PutResponse.decode(answer).header).toMatchObject({ revision: 7, raftTerm: 2 });
});

test("S-012 too many entries that wait to be applied refuse writes", () => {
  const { call, waiter } = putInFlight();
  waiter.unserved("tooManyRequests");
  expect(call.failures).toEqual([[2, "etcdserver: too many requests"]]);
});

test("S-014 a stopping server ends what is in flight", () => {
  const { call, waiter } = putInFlight();
  waiter.unserved("stopped");
  expect(call.failures).toEqual([[14, "etcdserver: server stopped"]]);
});

test("S-015 a caller that leaves ends its write's wait, whatever becomes of the write", () => {
  const { call, waiter } = putInFlight();
  call.ended = true;
  waiter.applied({ kind: "put", revision: 7, previous: undefined });
  waiter.unserved("stopped");
  expect([call.answers, call.failures]).toEqual([[], []]);
});

test("a proposal without an answer in time says so in etcd's words", () => {
  const { call, waiter } = putInFlight();
  waiter.unserved("timeout");
  expect(call.failures).toEqual([[14, "etcdserver: request timed out"]]);
});
