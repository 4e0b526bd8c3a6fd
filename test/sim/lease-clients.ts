// SPDX-License-Identifier: Apache-2.0

import {
  LeaseGrantRequest,
  LeaseRevokeRequest,
  PutRequest,
} from "../../src/api/gen/etcdserverpb.ts";
import type { RequestKind } from "../../src/core/apply/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import type { Outcome, SimMember, SimWorld } from "./contracts.ts";
import { expectThat } from "./failure.ts";

const KEYS = 6;
/** Leases that clients keep at once. */
const LEASES_MAX = 4;
const THINK_MS = 200;
/** What is not answered in this time is given up. */
const TIMEOUT_MS = 3500;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A client that takes leases, attaches keys to them, and keeps some alive. */
export class LeaseClient {
  readonly #world: SimWorld;
  readonly #random: SeededRandom;
  readonly #number: number;
  /** Leases it believes to have. */
  #leases: bigint[] = [];
  #lastId = 0n;
  #isStopped = false;

  constructor(world: SimWorld, number: number) {
    this.#world = world;
    this.#number = number;
    this.#random = new SeededRandom(world.random.intBelow(2 ** 32));
  }

  start(): void {
    this.#later();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #later(): void {
    this.#world.schedule.after(5 + this.#random.intBelow(THINK_MS), () => this.#next());
  }

  #next(): void {
    if (this.#isStopped) return;
    const leader = this.#random.chance(50) ? this.#world.leader() : undefined;
    const member = leader ?? this.#world.anyMember(undefined, this.#random);
    if (member === undefined) {
      this.#later();
      return;
    }
    const dice = this.#random.intBelow(100);
    const id = this.#leases[this.#random.intBelow(Math.max(this.#leases.length, 1))];
    member.machine.guard(() => {
      if (id === undefined || (dice < 25 && this.#leases.length < LEASES_MAX)) this.#grant(member);
      else if (dice < 55) this.#attach(member, id);
      else if (dice < 95) this.#renew(member, id);
      else this.#revoke(member, id);
    });
  }

  /** Waits for one answer; what comes of it is told to `settle`, unless it comes too late. */
  #ask(member: SimMember, text: string, settle: (outcome: Outcome) => void): typeof settle {
    const { schedule, transcript } = this.#world;
    transcript.note("lease", member.machine.number, text);
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      member.onDeath.delete(end);
      this.#later();
    };
    member.onDeath.add(end);
    schedule.after(TIMEOUT_MS, end);
    return (outcome) => {
      if (isOver) return;
      transcript.note("leased", text, outcome.kind);
      if (outcome.kind !== "unserved") settle(outcome);
      end();
    };
  }

  #propose(
    member: SimMember,
    [kind, message]: readonly [RequestKind, Uint8Array],
    text: string,
    settle: (outcome: Outcome) => void,
  ): void {
    const { judge } = this.#world;
    const answer = this.#ask(member, text, settle);
    const data = member.propose(kind, message, (outcome) => {
      if (outcome.kind !== "unserved") judge.onAcknowledged(data, 0, text);
      answer(outcome);
    });
  }

  #grant(member: SimMember): void {
    const id = BigInt(this.#number * 1000) + ++this.#lastId;
    // One second is less than a lease may have: it is raised to two.
    const ttl = 1 + this.#random.intBelow(5);
    const askedMs = this.#world.schedule.nowMs;
    this.#world.leases.asked(id, Math.max(ttl, 2));
    this.#leases.push(id);
    const message = LeaseGrantRequest.encode({ ID: id, TTL: ttl });
    this.#propose(member, ["leaseGrant", message], `grant ${id} ${ttl}`, ({ kind }) => {
      expectThat(kind === "leaseGrant", "no member breaks", () => `grant ${id}: ${kind}`);
      this.#world.leases.granted(id, askedMs);
    });
  }

  #attach(member: SimMember, lease: bigint): void {
    const key = `l${this.#random.intBelow(KEYS)}`;
    const message = PutRequest.encode({ key: encode(key), value: encode(`${lease}`), lease });
    this.#propose(member, ["put", message], `attach ${key} ${lease}`, (outcome) => {
      if (outcome.kind === "error") this.#lost(lease);
    });
  }

  #renew(member: SimMember, id: bigint): void {
    const askedMs = this.#world.schedule.nowMs;
    const { name } = member.machine;
    const answer = this.#ask(member, `renew ${id}`, () => {});
    member.renewLease(
      id,
      (ttlSeconds) => {
        // An answer counts for what it says, whether somebody still waits for it or not.
        if (ttlSeconds > 0) this.#world.leases.renewed(id, askedMs, name);
        else this.#lost(id);
        answer({ kind: "done" });
      },
      () => answer({ kind: "unserved", reason: "dropped" }),
    );
  }

  #revoke(member: SimMember, id: bigint): void {
    this.#world.leases.unwanted(id);
    this.#forget(id);
    const message = LeaseRevokeRequest.encode({ ID: id });
    this.#propose(member, ["leaseRevoke", message], `revoke ${id}`, () => {});
  }

  #lost(id: bigint): void {
    this.#world.leases.missed(id);
    this.#forget(id);
  }

  #forget(id: bigint): void {
    this.#leases = this.#leases.filter((each) => each !== id);
  }
}
