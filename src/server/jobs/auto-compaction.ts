// SPDX-License-Identifier: Apache-2.0

import { CompactionRequest } from "../../api/gen/etcdserverpb.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import type { ApplyResult } from "../../core/apply/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import type { CompactionSchedule } from "./compaction-schedule.ts";

const CALLER = "jobs/auto-compaction.ts";

/** Proposes compactions on a schedule, on the member that leads. */
export class AutoCompaction {
  readonly #replica: ReplicaFace;
  readonly #schedule: CompactionSchedule;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;

  constructor(replica: ReplicaFace, schedule: CompactionSchedule, clock: Clock, logger: Logger) {
    this.#replica = replica;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#logger = logger;
    this.tick();
    this.#timer = setInterval(() => this.tick(), schedule.intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look at the schedule; the timer's work. */
  tick(): void {
    const revision = this.#schedule.due(
      this.#clock.monotonicMs(),
      this.#replica.store.currentRevision,
    );
    // Followers note revisions too: one of them may lead tomorrow.
    if (revision === undefined || !this.#replica.status().isLeader) return;
    this.#logger.log("info", CALLER, "starting auto compaction", { revision });
    const message = CompactionRequest.encode({ revision });
    this.#replica.propose(this.#replica.prepare("compaction", message), {
      applied: (result) => this.#applied(revision, result),
      unserved: (reason) => {
        const fields = { revision, error: reason };
        this.#logger.log("warn", CALLER, "failed auto compaction", fields);
      },
    });
  }

  #applied(revision: number, result: ApplyResult): void {
    // Somebody else has compacted as far: as good as done.
    const isDone = result.kind === "compaction" || isCompacted(result);
    if (isDone) this.#schedule.compacted(this.#clock.monotonicMs(), revision);
    const message = isDone ? "completed auto compaction" : "failed auto compaction";
    this.#logger.log(isDone ? "info" : "warn", CALLER, message, { revision });
  }
}

function isCompacted(result: ApplyResult): boolean {
  return result.kind === "error" && result.error === "compacted";
}
