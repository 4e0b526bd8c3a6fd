// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../test/harness/grpc-client.ts";
import type { ServerProcess } from "../test/harness/server-process.ts";
import type { LoadGenerator, LoadOrder } from "./load.ts";
import { processCpuMicros } from "./process-cpu.ts";
import { keyAt, preload, type Row } from "./rows.ts";

/** One measured burst of a row against one server. */
export interface Sample {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly meanMicros: number;
  readonly p99Micros: number;
  readonly cpuMicrosPerRequest: number;
}

export interface Plan {
  readonly generator: LoadGenerator;
  /** Wished length of a burst. */
  readonly seconds: number;
  /** How many different keys the requests name, at random. */
  readonly keyCount: number;
  readonly random: () => number;
}

const calibrationFirst = 200;
const calibrationSeconds = 0.7;
const calibrationCallsMax = 400_000;
const preloadShape = { connections: 10, inFlight: 20 };

function order(server: ServerProcess, row: Row, plan: Plan, count: number): LoadOrder {
  const { operation, shape } = row;
  const { keyCount, random } = plan;
  return {
    port: server.ports.client,
    path: operation.path,
    answerBytesMin: operation.answerBytesMin,
    shape,
    count: Math.max(count, shape.connections * shape.inFlight),
    frameAt: () => operation.frame(keyAt(Math.floor(random() * keyCount))),
  };
}

/** Stores every key once, so that ranges find and compares hold. */
export async function preloadKeys(server: ServerProcess, loader: LoadGenerator, plan: Plan) {
  await loader.run({
    port: server.ports.client,
    path: preload.path,
    answerBytesMin: preload.answerBytesMin,
    shape: preloadShape,
    count: plan.keyCount,
    frameAt: (request) => preload.frame(keyAt(request)),
  });
}

/** Warms the server up with this row and finds how many requests fill the wished time. */
export async function calibrate(server: ServerProcess, row: Row, plan: Plan): Promise<number> {
  for (let count = calibrationFirst; ; count *= 4) {
    const wanted = order(server, row, plan, count);
    const { seconds } = await plan.generator.run(wanted);
    if (
      seconds >= Math.min(calibrationSeconds, plan.seconds) ||
      wanted.count >= calibrationCallsMax
    ) {
      return Math.ceil((wanted.count / seconds) * plan.seconds);
    }
  }
}

/** Characters of a server's log that explain a failure. */
const LOG_SHOWN = 4000;

async function revisionOf(client: GrpcClient): Promise<number> {
  const answer = await client.unary(KVService.range, { key: keyAt(0) });
  return answer.header?.revision ?? Number.NaN;
}

/** Runs one burst. Throws unless each request was answered and each write took one revision. */
export async function measure(
  server: ServerProcess,
  row: Row,
  plan: Plan,
  count: number,
): Promise<Sample> {
  const client = new GrpcClient(server.endpoint);
  try {
    const wanted = order(server, row, plan, count);
    const revisionBefore = await revisionOf(client);
    const cpuBefore = processCpuMicros(server.pid);
    const { seconds, latency } = await plan.generator.run(wanted);
    const cpu = processCpuMicros(server.pid) - cpuBefore;
    const advance = (await revisionOf(client)) - revisionBefore;
    const expected = row.operation.isWrite ? wanted.count : 0;
    if (advance !== expected) {
      throw new Error(`${row.name}: ${expected} revisions were due, ${advance} were made`);
    }
    return {
      requests: wanted.count,
      requestsPerSecond: wanted.count / seconds,
      meanMicros: latency.meanMicros,
      p99Micros: latency.p99Micros,
      cpuMicrosPerRequest: cpu / wanted.count,
    };
  } catch (cause) {
    const state = server.hasExited ? "has ended" : "runs";
    const tail = server.log.slice(-LOG_SHOWN);
    throw new Error(`${row.name}: ${server.command.name} ${state}; its log ends\n${tail}`, {
      cause,
    });
  } finally {
    client.close();
  }
}
