// SPDX-License-Identifier: Apache-2.0

import { KVService, LeaseKeepAliveResponse, LeaseService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../../test/harness/grpc-client.ts";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import { keyAt, type Row } from "../rows.ts";
import { burst, burstPlan } from "./burst.ts";
import { callMany, messageOf } from "./preload.ts";
import type { Bout, Figure, Scenario, Size } from "./scenario.ts";
import { putsUntil } from "./steady-load.ts";
import { StreamConnection } from "./stream-connection.ts";

const longTtl = 3600;
const keepAlivesInFlight = 100;
/** One answer of so many is decoded, so that the client is not what is measured. */
const checkedAnswers = 64;
const stormLoad = { connections: 10, inFlight: 1 };

const grantRow: Row = {
  name: "lease-grant/100x10",
  operation: {
    name: "lease-grant",
    path: LeaseService.leaseGrant.path,
    isWrite: false,
    answerBytesMin: 6,
    frame: () => messageOf(LeaseService.leaseGrant, { TTL: longTtl }),
  },
  shape: { connections: 100, inFlight: 10 },
};

/** Keep-alives per second of one stream. */
async function keepAlives(server: ServerProcess, seconds: number): Promise<number> {
  const client = new GrpcClient(server.endpoint);
  const { ID } = await client.unary(LeaseService.leaseGrant, { TTL: longTtl });
  client.close();
  const over = Promise.withResolvers<number>();
  const connection = await StreamConnection.open(server.ports.client, over.reject);
  const message = messageOf(LeaseService.leaseKeepAlive, { ID });
  let answers = 0;
  const startedAt = performance.now();
  const stream = connection.stream(LeaseService.leaseKeepAlive.path, (bytes, start, end) => {
    answers += 1;
    if (answers % checkedAnswers === 1) {
      const { TTL } = LeaseKeepAliveResponse.decode(bytes.subarray(start, end));
      if (TTL !== longTtl) over.reject(new Error(`a keep-alive gave ${TTL} seconds`));
    }
    const took = (performance.now() - startedAt) / 1000;
    if (took >= seconds) over.resolve(answers / took);
    else stream.send(message);
  });
  try {
    for (let at = 0; at < keepAlivesInFlight; at++) stream.send(message);
    return await over.promise;
  } finally {
    connection.close();
  }
}

export const lease: Scenario = {
  name: "lease",
  asked: { "lease grant 100×10": "≥ 1.5×", "lease keep-alive on one stream": "≥ 1.5×" },
  async open(command: ServerCommand, { parentDir, seconds }: Size): Promise<Bout> {
    const server = await ServerProcess.start(command, { parentDir });
    return {
      async round() {
        const grant = await burst(server, grantRow, burstPlan(seconds));
        const { requestsPerSecond: value, cpuMicrosPerRequest: cpu } = grant;
        const alive = await keepAlives(server, seconds);
        return [
          { row: "lease grant 100×10", value, unit: "/s", wants: "more" },
          { row: "lease grant: CPU of the server for one", value: cpu, unit: "µs", wants: "less" },
          { row: "lease keep-alive on one stream", value: alive, unit: "/s", wants: "more" },
        ];
      },
      dispose: () => server.dispose(),
    };
  },
};

/** Grants leases 1 to `count` and gives each a key. */
async function grantStorm(server: ServerProcess, size: Size): Promise<void> {
  const { leases: count, leaseTtl: TTL } = size;
  await callMany(server, count, {
    path: LeaseService.leaseGrant.path,
    answerBytesMin: 6,
    frameAt: (at) => messageOf(LeaseService.leaseGrant, { ID: BigInt(at + 1), TTL }),
  });
  const value = new Uint8Array(16);
  await callMany(server, count, {
    path: KVService.put.path,
    answerBytesMin: 6,
    frameAt: (at) => messageOf(KVService.put, { key: keyAt(at), value, lease: BigInt(at + 1) }),
  });
}

async function leaseCount(client: GrpcClient): Promise<number> {
  const { leases } = await client.unary(LeaseService.leaseLeases, {}, { deadlineMs: 60_000 });
  return leases.length;
}

/** A fresh server each round: the storm happens once. */
async function stormRound(command: ServerCommand, size: Size): Promise<readonly Figure[]> {
  const server = await ServerProcess.start(command, { parentDir: size.parentDir });
  const client = new GrpcClient(server.endpoint);
  try {
    await grantStorm(server, size);
    const granted = await leaseCount(client);
    if (granted !== size.leases) throw new Error(`${granted} leases of ${size.leases} are left`);
    while ((await leaseCount(client)) === size.leases) await pause(100);
    const { p99Micros, maxMicros } = await putsUntil(
      server,
      stormLoad,
      1,
      pause(size.seconds * 4000),
    );
    const left = await leaseCount(client);
    if (left === size.leases) throw new Error("no lease expired meanwhile");
    return [
      {
        row: "leases expiring: put p99 meanwhile",
        value: p99Micros / 1000,
        unit: "ms",
        wants: "less",
      },
      { row: "leases expiring: slowest put", value: maxMicros / 1000, unit: "ms", wants: "less" },
    ];
  } finally {
    client.close();
    await server.dispose();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A hundred thousand leases that all end at the same time. */
export const leaseStorm: Scenario = {
  name: "lease-storm",
  asked: { "leases expiring: put p99 meanwhile": "≤ 1.0×" },
  open: (command, size) =>
    Promise.resolve({ round: () => stormRound(command, size), dispose: () => Promise.resolve() }),
};
