// SPDX-License-Identifier: Apache-2.0

import { Coverage, NAMED_EVENTS } from "./coverage.ts";

/** From so many seeds on a batch has to have seen every named event. */
export const COVERED_SEEDS = 500;
/** Of so many runs one may stay undecided: the search for an order gave up on one of its keys. */
const UNDECIDED_ONE_IN = 1000;
/** The size of cluster whose speed is told apart. */
const USUAL_MEMBERS = 3;

/** What a batch keeps of one run; can be sent as JSON. */
export interface RunSummary {
  readonly seed: number;
  readonly side: "within" | "beyond";
  readonly isBroken: boolean;
  readonly members: number;
  readonly simulatedMs: number;
  /** Processor time of the run, with that of the engine's helper threads. */
  readonly cpuMs: number;
  readonly steps: number;
  readonly undecided: number;
  readonly coverage: ReturnType<Coverage["entries"]>;
}

/** What the runs of a batch have come to. */
export class Tally {
  readonly coverage = new Coverage();
  readonly #startMs = performance.now();
  seeds = 0;
  simulatedMs = 0;
  cpuMs = 0;
  steps = 0;
  /** Seeds that broke a promise where the faults stayed within what the protocol survives. */
  readonly failed: number[] = [];
  /** Runs beyond that, and how many of them broke a promise. */
  beyond = 0;
  beyondBroken = 0;
  undecided = 0;
  readonly #usual = { simulatedMs: 0, cpuMs: 0 };

  /** Takes in a run; true when it broke what it should have kept. */
  add(run: RunSummary): boolean {
    this.seeds++;
    this.simulatedMs += run.simulatedMs;
    this.cpuMs += run.cpuMs;
    this.steps += run.steps;
    this.coverage.add(run.coverage);
    if (run.undecided > 0) this.undecided++;
    if (run.members === USUAL_MEMBERS) {
      this.#usual.simulatedMs += run.simulatedMs;
      this.#usual.cpuMs += run.cpuMs;
    }
    if (run.side === "beyond") {
      this.beyond++;
      if (run.isBroken) this.beyondBroken++;
      return false;
    }
    if (run.isBroken) this.failed.push(run.seed);
    return run.isBroken;
  }

  get missesEvents(): boolean {
    return this.seeds >= COVERED_SEEDS && this.coverage.missing.length > 0;
  }

  get isTooUndecided(): boolean {
    return this.undecided * UNDECIDED_ONE_IN > this.seeds;
  }

  get isPassed(): boolean {
    return this.failed.length === 0 && !this.missesEvents && !this.isTooUndecided;
  }

  /** The figures of the batch, a line each. */
  describe(): string[] {
    const { seeds, simulatedMs, steps, coverage } = this;
    const seconds = (performance.now() - this.#startMs) / 1000;
    const { missing } = coverage;
    const lines = [
      `${seeds} seeds in ${seconds.toFixed(1)} s: ${(seeds / seconds).toFixed(1)} seeds/s, ` +
        `${(simulatedMs / 1000).toFixed(0)} s simulated, ${(steps / seeds).toFixed(0)} steps per seed`,
      `${speed(this)} simulated seconds per second of one core`,
    ];
    if (this.#usual.cpuMs > 0) {
      lines.push(`${speed(this.#usual)} of them where a run begins with three members`);
    }
    lines.push(
      `${this.beyond} runs went beyond what is promised, ${this.beyondBroken} of them broke`,
      ...NAMED_EVENTS.map(
        (event) => `${String(coverage.counts.get(event) ?? 0).padStart(9)}  ${event}`,
      ),
      `${NAMED_EVENTS.length - missing.length} of ${NAMED_EVENTS.length} named events seen`,
    );
    if (this.missesEvents) lines.push(`never seen: ${missing.join("; ")}`);
    if (this.undecided > 0) {
      lines.push(`undecided whether linearizable, after too long a search: ${this.undecided} runs`);
    }
    lines.push(`${seeds - this.failed.length} passed, ${this.failed.length} failed`);
    return lines;
  }
}

function speed({ simulatedMs, cpuMs }: { simulatedMs: number; cpuMs: number }): string {
  return (simulatedMs / cpuMs).toFixed(0);
}
