// SPDX-License-Identifier: Apache-2.0

import { DiskError } from "../../src/base/contracts/disk.ts";
import { MemoryDisk } from "../../src/core/backend/index.ts";
import { WalError } from "../../src/core/wal/index.ts";
import { DataDirError } from "../../src/server/bootstrap/data-dir.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { SimDisk } from "../harness/sim-disk.ts";
import { MemberLog } from "./checkers/member-log.ts";
import { type CrashKind, PATHS, type SimMachine, type SimWorld } from "./contracts.ts";
import { SimFailure } from "./failure.ts";
import { Member } from "./member.ts";
import { MachineClock } from "./schedule.ts";

/** Ends what a member is doing, at any step: its machine has just lost power, or it was killed. */
export class CrashSignal extends Error {
  override readonly name = "CrashSignal";
}

/** A member tries to start again after this time, in milliseconds. */
const RESTART_MS = 200;
/** Starts that the disk makes fail before a machine counts as lost. */
const START_TRIES_MAX = 20;

/** A machine with its disks, which outlive the processes that run on it. */
export class Machine implements SimMachine {
  readonly world: SimWorld;
  readonly number: number;
  readonly id: bigint;
  readonly name: string;
  /** One of the first members of the cluster; others join it. */
  readonly isFounder: boolean;
  readonly clock: MachineClock;
  readonly random: SeededRandom;
  readonly log: MemberLog;
  disk = new SimDisk();
  store = new MemoryDisk();
  member: Member | undefined;
  /** A sync takes this much longer, in milliseconds. */
  stallMs = 0;
  life = 0;
  isIndexing = false;
  isPaused = false;
  /** Its process was started at least once. */
  hasStarted = false;
  /** Removed from the cluster, or damaged for good: it does not start any more. */
  isGone = false;
  /** What was done to its disk goes beyond what it can survive; it has to be replaced. */
  isDamaged = false;
  /** Steps until it crashes in the middle of one. */
  crashIn: { steps: number; readonly kind: CrashKind; readonly downMs: number } | undefined;
  crashInstalling: SimMachine["crashIn"];
  #startTries = 0;

  constructor(world: SimWorld, number: number, id: bigint, isFounder: boolean) {
    this.world = world;
    this.number = number;
    this.id = id;
    this.isFounder = isFounder;
    this.name = `m${number}`;
    this.clock = new MachineClock(world.schedule);
    this.random = new SeededRandom(world.random.intBelow(2 ** 32));
    this.log = new MemberLog(this.name);
    this.disk.makeDirectory(PATHS.snap);
  }

  get isUp(): boolean {
    return this.member !== undefined;
  }

  /** Runs a step of the member; a crash or a failing disk ends it, anything else ends the run. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#onError(error);
    }
  }

  #onError(error: unknown): void {
    if (error instanceof SimFailure) throw error;
    if (error instanceof CrashSignal) {
      const { kind, downMs } = this.crashIn ?? { kind: "power", downMs: RESTART_MS };
      this.crashIn = undefined;
      this.crash(kind, downMs);
      return;
    }
    if (error instanceof DiskError || (error instanceof WalError && error.code === "unusable")) {
      this.world.transcript.note("disk-error", this.number, error.message);
      this.crash("kill", RESTART_MS);
      return;
    }
    throw new SimFailure("no member breaks", `${this.name}: ${String(error)}`, { cause: error });
  }

  /** The member acts as if it had not heard of a leader for an election timeout. */
  forgetLeader(): void {
    const { member } = this;
    if (member === undefined || this.isPaused) return;
    this.guard(() => member.raft.forgetLeader());
  }

  /** The member stands for election now, if it may. */
  campaign(): void {
    const { member } = this;
    if (member === undefined || this.isPaused) return;
    this.guard(() => {
      member.raft.forgetLeader();
      member.raft.campaign();
    });
    member.wake();
  }

  /** One more step is done; here the member may be struck. */
  step(): void {
    const due = this.crashIn;
    if (due === undefined) return;
    if (due.steps-- <= 0) throw new CrashSignal();
  }

  /** Stops the process at once. With `power` the disk loses what it had not synced. */
  crash(kind: CrashKind, downMs: number): void {
    const { world } = this;
    const { member } = this;
    world.transcript.note("crash", this.number, kind);
    if (member !== undefined) {
      if (member.isSyncing) world.coverage.saw("a member crashed while a sync was under way");
      if (world.judge.isJoint)
        world.coverage.saw("a member crashed while a configuration was joint");
      if (this.isIndexing) world.coverage.saw("a crash tore a commit of the index");
    }
    this.#end();
    if (kind === "power") this.disk.crash({ seed: this.random.intBelow(2 ** 31) });
    else this.disk.killProcess();
    world.schedule.after(downMs, () => this.start());
  }

  /** Stops the member for good. */
  retire(): void {
    this.world.transcript.note("retire", this.number);
    this.isGone = true;
    this.#end();
  }

  #end(): void {
    this.member?.die();
    this.member = undefined;
    this.log.leadsTerm = undefined;
    this.life++;
    this.isIndexing = false;
  }

  /** Starts the member on what its disks hold. */
  start(): void {
    if (this.isUp || this.isGone) return;
    this.world.transcript.note("start", this.number);
    try {
      this.member = new Member(this);
      this.world.owesTurns();
      this.#startTries = 0;
      this.guard(() => this.member?.turn());
      this.world.network.haunt(this);
    } catch (error) {
      this.#end();
      this.#onStartError(error);
    }
  }

  #onStartError(error: unknown): void {
    const { world } = this;
    if (error instanceof SimFailure) throw error;
    if (error instanceof DiskError || (error instanceof WalError && error.code === "unusable")) {
      world.coverage.saw("a read from disk failed at the start");
      world.transcript.note("start-failed", this.number, error.message);
      this.disk.killProcess();
      if (this.#startTries++ < START_TRIES_MAX)
        world.schedule.after(RESTART_MS, () => this.start());
      return;
    }
    const isRefusal = error instanceof WalError || error instanceof DataDirError;
    if (isRefusal && this.isDamaged) {
      world.coverage.saw("a damaged log was refused");
      world.transcript.note("refused", this.number);
      this.isGone = true;
      return;
    }
    const text = `${this.name} does not start: ${String(error)}`;
    throw new SimFailure("no member breaks", text, { cause: error });
  }
}
