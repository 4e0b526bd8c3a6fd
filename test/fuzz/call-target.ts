// SPDX-License-Identifier: Apache-2.0
// Calls to a running member, with messages that are valid, nearly so, or nothing of the kind. Allowed
// is any status; every call has to end, and the member has to be there afterwards.

import * as api from "../../src/api/gen/etcdserverpb.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { etcdxCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { CallClient } from "./call-client.ts";
import { mutate, pick } from "./mutate.ts";
import { randomFields } from "./protobuf.ts";
import type { FuzzTarget, FuzzTargetFactory } from "./target.ts";

const IN_FLIGHT_MAX = 200;
const { KVService, LeaseService, MaintenanceService, ClusterService, WatchService } = api;

/** The same few keys, leases and revisions for all, so that calls meet. */
const KEYS = ["", "a", "b", "c", "d", "\0"].map((key) => Buffer.from(key, "latin1"));
const LEASES = [0n, 1n, 2n, 7n, -1n, (1n << 63n) - 1n];
const REVISIONS = [0, 1, 2, 50, 5000, 2 ** 40, -1];

type Make = (random: SeededRandom) => Uint8Array;

const range: Make = (random) =>
  api.RangeRequest.encode({
    key: pick(random, KEYS),
    rangeEnd: pick(random, KEYS),
    limit: pick(random, [0, 1, 3, -1]),
    revision: pick(random, REVISIONS),
    keysOnly: random.chance(20),
    countOnly: random.chance(20),
    serializable: random.chance(50),
  });
const put: Make = (random) =>
  api.PutRequest.encode({
    key: pick(random, KEYS),
    value: random.bytes(random.intBelow(30)),
    lease: random.chance(30) ? pick(random, LEASES) : 0n,
    prevKv: random.chance(30),
    ignoreValue: random.chance(10),
    ignoreLease: random.chance(10),
  });
const deleteRange: Make = (random) =>
  api.DeleteRangeRequest.encode({
    key: pick(random, KEYS),
    rangeEnd: pick(random, KEYS),
    prevKv: random.chance(50),
  });

function operation(
  random: SeededRandom,
  depth: number,
): Parameters<typeof api.RequestOp.encode>[0] {
  switch (random.intBelow(depth > 2 ? 3 : 4)) {
    case 0:
      return { requestRange: api.RangeRequest.decode(range(random)) };
    case 1:
      return { requestPut: api.PutRequest.decode(put(random)) };
    case 2:
      return { requestDeleteRange: api.DeleteRangeRequest.decode(deleteRange(random)) };
    default:
      return { requestTxn: txnOf(random, depth + 1) };
  }
}

function operations(random: SeededRandom, depth: number) {
  return Array.from({ length: random.intBelow(4) }, () => operation(random, depth));
}

function txnOf(random: SeededRandom, depth: number): Parameters<typeof api.TxnRequest.encode>[0] {
  const compare = Array.from({ length: random.intBelow(3) }, () =>
    api.Compare.decode(
      random.chance(50) ? api.Compare.encode({ key: pick(random, KEYS) }) : new Uint8Array(0),
    ),
  );
  return { compare, success: operations(random, depth), failure: operations(random, depth) };
}

const leaseOf: Make = (random) =>
  api.LeaseGrantRequest.encode({
    ID: pick(random, LEASES),
    TTL: pick(random, [0, 1, 60, -1, 9e9, 2 ** 50]),
  });
const watch: Make = (random) => {
  const createRequest = {
    key: pick(random, KEYS),
    rangeEnd: pick(random, KEYS),
    startRevision: pick(random, REVISIONS),
  };
  const watchId = pick(random, LEASES);
  return api.WatchRequest.encode(
    pick(random, [{ createRequest }, { cancelRequest: { watchId } }, { progressRequest: {} }]),
  );
};
const alarm: Make = (random) =>
  api.AlarmRequest.encode({
    // One that is raised would keep the other calls from doing anything.
    action: pick(random, [
      api.AlarmRequest_AlarmAction.GET,
      api.AlarmRequest_AlarmAction.DEACTIVATE,
    ]),
  });

/** Not the ones that change the members, and none that takes long for everybody. */
const weighted: readonly (readonly [path: string, make: Make, isEndless?: boolean])[] = [
  [KVService.range.path, range],
  [KVService.range.path, range],
  [KVService.put.path, put],
  [KVService.put.path, put],
  [KVService.deleteRange.path, deleteRange],
  [KVService.txn.path, (random) => api.TxnRequest.encode(txnOf(random, 0))],
  [KVService.txn.path, (random) => api.TxnRequest.encode(txnOf(random, 0))],
  [
    KVService.compact.path,
    (random) => api.CompactionRequest.encode({ revision: pick(random, REVISIONS) }),
  ],
  [LeaseService.leaseGrant.path, leaseOf],
  [LeaseService.leaseRevoke.path, leaseOf],
  [LeaseService.leaseTimeToLive.path, leaseOf],
  [LeaseService.leaseLeases.path, randomFields],
  [LeaseService.leaseKeepAlive.path, leaseOf, true],
  [WatchService.watch.path, watch, true],
  [MaintenanceService.alarm.path, alarm],
  [MaintenanceService.status.path, randomFields],
  [ClusterService.memberList.path, randomFields],
  [KVService.rangeStream.path, range],
  [MaintenanceService.hashKV.path, randomFields],
  [MaintenanceService.moveLeader.path, randomFields],
  ["/grpc.health.v1.Health/Check", randomFields],
  ["/grpc.health.v1.Health/List", randomFields],
];

class CallTarget implements FuzzTarget {
  readonly name = "calls";
  readonly #server: ServerProcess;
  readonly #client: CallClient;

  constructor(server: ServerProcess) {
    this.#server = server;
    this.#client = new CallClient(server.ports.client);
  }

  input(random: SeededRandom): Uint8Array {
    const which = random.intBelow(weighted.length);
    const [, make] = weighted[which] ?? [];
    let body = make === undefined || random.chance(10) ? randomFields(random) : make(random);
    if (random.chance(20)) body = mutate(body, random);
    return Buffer.concat([Uint8Array.of(which), body]);
  }

  async check(input: Uint8Array): Promise<void> {
    const [path = "", , isEndless = false] = weighted[(input[0] ?? 0) % weighted.length] ?? [];
    this.#client.call(path, input.subarray(1), isEndless);
    // The next pause may be far: what was sent has to be seen to leave.
    if (isEndless) await new Promise((resolve) => setImmediate(resolve));
    await this.#client.until(IN_FLIGHT_MAX).catch((error: unknown) => this.#explain(error));
  }

  async #explain(error: unknown): Promise<never> {
    // The end of the connection may be seen before the end of the process.
    await this.#server.kill("SIGTERM");
    throw new Error(`${error}\n${this.#server.log}`);
  }

  /** The member's resident memory. */
  async memory(): Promise<number> {
    const text = await (await fetch(`${this.#server.url}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
  }

  async finish(): Promise<void> {
    await this.#client.until(1);
    this.#client.close();
    if (this.#server.hasExited) throw new Error(`the member has ended\n${this.#server.log}`);
    const answer = new CallClient(this.#server.ports.client);
    answer.call(KVService.range.path, api.RangeRequest.encode({ key: Buffer.from("a") }), false);
    await answer.until(1);
    answer.close();
  }
}

export const callTarget: FuzzTargetFactory = async () => {
  const command = etcdxCommand();
  if (command === undefined) throw new Error("no server in this checkout");
  const server = await ServerProcess.start(command);
  return { target: new CallTarget(server), close: () => server.dispose() };
};
