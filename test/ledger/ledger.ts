// SPDX-License-Identifier: Apache-2.0
// Nothing acknowledged is ever lost: writers write, the server is killed, restarted and checked.
// SIGKILL keeps what the kernel holds, so this covers process crashes; power loss is simulated
// elsewhere.

import { GrpcClient } from "../harness/grpc-client.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import type { ServerCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { type Attempt, checkHistory, type Stored } from "./history.ts";
import { readStore } from "./store-view.ts";
import { type Burst, LogicalClock, writeUntilKilled } from "./writers.ts";

export interface LedgerOptions {
  readonly command: ServerCommand;
  readonly rounds: number;
  readonly seed: number;
  /** The kill comes after at least one and at most so many acknowledgements. */
  readonly acknowledgementsMax?: number;
  readonly onRound?: (round: LedgerRound) => void;
}

export interface LedgerRound {
  readonly round: number;
  readonly acknowledged: number;
  /** Sent without an answer: these may be stored or not. */
  readonly unanswered: number;
  readonly revision: number;
  readonly violations: readonly string[];
}

const acknowledgementsMaxDefault = 1500;
/** Of revisions that were checked before, each run of a round reads every so many again. */
const recheckStep = 7;

/** Runs the rounds on one data directory and stops at the first one with violations. */
export async function runLedger(options: LedgerOptions): Promise<readonly LedgerRound[]> {
  const random = new SeededRandom(options.seed);
  const clock = new LogicalClock();
  const acknowledgementsMax = options.acknowledgementsMax ?? acknowledgementsMaxDefault;
  const attempts: Attempt[] = [];
  const rounds: LedgerRound[] = [];
  let known: ReadonlyMap<number, readonly Stored[]> = new Map();
  const first = await ServerProcess.start(options.command);
  let server = first;
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      const written = await writeAndKill(server, {
        endpoint: server.endpoint,
        label: `r${round}`,
        clock,
        random,
        killAfter: 1 + random.intBelow(acknowledgementsMax),
      });
      attempts.push(...written);
      const { dataDir, ports } = first;
      server = await ServerProcess.start(options.command, { dataDir, ports });
      const client = new GrpcClient(server.endpoint);
      const isLast = round === options.rounds;
      const store = await readStore(client, known, isLast ? 1 : recheckStep);
      client.close();
      known = store.writes;
      const acknowledged = written.filter((attempt) => attempt.acknowledged !== undefined).length;
      const unanswered = written.length - acknowledged;
      const violations = checkHistory(attempts, store);
      const result = { round, acknowledged, unanswered, violations };
      rounds.push({ ...result, revision: store.currentRevision });
      options.onRound?.({ ...result, revision: store.currentRevision });
      if (violations.length > 0) break;
    }
    return rounds;
  } finally {
    await server.kill("SIGKILL");
    await first.dispose();
  }
}

async function writeAndKill(server: ServerProcess, burst: Omit<Burst, "kill">): Promise<Attempt[]> {
  let killed: Promise<unknown> | undefined;
  const kill = (): void => {
    killed = server.kill("SIGKILL");
  };
  const attempts = await writeUntilKilled({ ...burst, kill });
  await killed;
  return attempts;
}
