// SPDX-License-Identifier: Apache-2.0
// Nothing acknowledged is ever lost: writers write, the server is killed, restarted and checked.
// SIGKILL keeps what the kernel holds, so this covers process crashes; power loss is simulated
// elsewhere.

import { GrpcClient } from "../harness/grpc-client.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import type { ServerCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import type { RevisionView, StoreView } from "./changes.ts";
import { checkHistory } from "./history.ts";
import type { Attempt } from "./operations.ts";
import { readStore } from "./store-view.ts";
import { ReconnectingWatcher } from "./watchers.ts";
import { type Burst, LedgerState, writeUntilKilled } from "./writers.ts";

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
  /** Sent without an answer: these may have happened or not. */
  readonly unanswered: number;
  readonly revision: number;
  /** Leases that were alive, and events that watchers had got, at the end of the round. */
  readonly leases: number;
  readonly events: number;
  readonly violations: readonly string[];
}

const acknowledgementsMaxDefault = 1500;
/** Of revisions that were checked before, each run of a round reads every so many again. */
const recheckStep = 7;
/** After so many of 100 kills the check waits for short leases; otherwise they end under load. */
const percentSettled = 30;

/** Runs the rounds on one data directory and stops at the first one with violations. */
export async function runLedger(options: LedgerOptions): Promise<readonly LedgerRound[]> {
  const rounds: LedgerRound[] = [];
  const ledger = await Ledger.open(options);
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      const result = await ledger.round(round);
      rounds.push(result);
      options.onRound?.(result);
      if (result.violations.length > 0) break;
    }
    return rounds;
  } finally {
    await ledger.close();
  }
}

class Ledger {
  readonly #options: LedgerOptions;
  readonly #random: SeededRandom;
  readonly #state = new LedgerState();
  readonly #attempts: Attempt[] = [];
  readonly #watchers = [
    new ReconnectingWatcher({
      name: "the watcher of everything",
      key: "ledger/",
      rangeEnd: "ledger0",
      hangUpAfter: undefined,
    }),
    new ReconnectingWatcher({
      name: "the watcher that hangs up",
      key: "ledger/1",
      rangeEnd: "ledger/3",
      hangUpAfter: 50,
    }),
    new ReconnectingWatcher({
      name: "the watcher of one key",
      key: "ledger/7",
      rangeEnd: "",
      hangUpAfter: undefined,
    }),
  ];
  /** Owns the data directory. */
  readonly #first: ServerProcess;
  #server: ServerProcess;
  #known: ReadonlyMap<number, RevisionView> = new Map();

  private constructor(options: LedgerOptions, server: ServerProcess) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#first = server;
    this.#server = server;
    this.#connect();
  }

  static async open(options: LedgerOptions): Promise<Ledger> {
    return new Ledger(options, await ServerProcess.start(options.command));
  }

  async round(round: number): Promise<LedgerRound> {
    const written = await this.#writeAndKill(round);
    this.#attempts.push(...written);
    const { dataDir, ports } = this.#first;
    this.#server = await ServerProcess.start(this.#options.command, { dataDir, ports });
    this.#connect();
    const store = await this.#read(round === this.#options.rounds);
    for (const watcher of this.#watchers) await watcher.caughtUp(store.currentRevision);
    const unanswered = written.filter(({ outcome }) => outcome === "unanswered").length;
    const refused = written.filter(({ outcome }) => outcome === "refused").length;
    return {
      round,
      acknowledged: written.length - unanswered - refused,
      unanswered,
      revision: store.currentRevision,
      leases: store.leases.length,
      events: this.#watchers.reduce((sum, { events }) => sum + events.length, 0),
      violations: checkHistory(this.#attempts, store, this.#watchers),
    };
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    await this.#server.kill("SIGKILL");
    await this.#first.dispose();
  }

  #connect(): void {
    for (const watcher of this.#watchers) watcher.connect(this.#server.endpoint);
  }

  async #read(isLast: boolean): Promise<StoreView> {
    const client = new GrpcClient(this.#server.endpoint);
    try {
      const store = await readStore(client, {
        known: this.#known,
        recheckStep: isLast ? 1 : recheckStep,
        isSettled: isLast || this.#random.chance(percentSettled),
      });
      this.#known = store.revisions;
      return store;
    } finally {
      client.close();
    }
  }

  async #writeAndKill(round: number): Promise<Attempt[]> {
    const max = this.#options.acknowledgementsMax ?? acknowledgementsMaxDefault;
    let killed: Promise<unknown> | undefined;
    const burst: Burst = {
      endpoint: this.#server.endpoint,
      label: `r${round}`,
      state: this.#state,
      random: this.#random,
      killAfter: 1 + this.#random.intBelow(max),
      kill: () => {
        killed = this.#server.kill("SIGKILL");
      },
    };
    const attempts = await writeUntilKilled(burst);
    await killed;
    return attempts;
  }
}
