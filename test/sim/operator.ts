// SPDX-License-Identifier: Apache-2.0

import type { MemberChange } from "../../src/core/apply/index.ts";
import {
  type ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  type ConfState,
  NO_BYTES,
} from "../../src/core/raft/index.ts";
import type { SimMachine, SimOperator, SimWorld } from "./contracts.ts";

/** A removed member learns of it and stops after this time, in milliseconds. */
const STOP_AFTER_REMOVAL_MS = 300;
const MACHINES_MAX = 12;

/**
 * Changes the cluster's members as a careful operator would: never so that those that are left
 * could not form a quorum, counting every change whose outcome is open as the worse one.
 */
export class Operator implements SimOperator {
  readonly #world: SimWorld;
  /** Whom an unanswered change may still add, or remove. */
  readonly #perhapsAdded = new Set<bigint>();
  readonly #perhapsRemoved = new Set<bigint>();
  #updates = 0;
  #replacement: bigint | undefined;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** Whether a quorum of healthy members is left without this one, however open changes end. */
  survivesWithout(id: bigint | undefined, isLearnerRemoved = false): boolean {
    const { confState } = this.#world.judge;
    if (isLearnerRemoved && confState.learners.includes(id ?? 0n)) return true;
    const isHealthy = (voter: bigint): boolean => {
      const machine = this.#world.machineOf(voter);
      if (machine === undefined || machine.isGone || machine.isDamaged) return false;
      return voter !== id && !this.#perhapsRemoved.has(voter);
    };
    const halves = [confState.voters, confState.votersOutgoing].filter((half) => half.length > 0);
    return halves.every((half) => {
      const all = new Set([...half, ...this.#perhapsAdded]);
      return half.filter(isHealthy).length * 2 > all.size;
    });
  }

  addMember(isLearner: boolean): void {
    const { judge } = this.#world;
    if (this.#world.machines.length >= MACHINES_MAX) return;
    // The new voter counts from the start, and has nothing yet.
    if (judge.confState.voters.length === 0 || !this.survivesWithout(undefined)) return;
    const machine = this.#world.addMachine();
    const peerUrls = [`http://${machine.name}:2380`];
    const member = { id: machine.id, peerUrls, isLearner, name: "", clientUrls: [] };
    if (!isLearner && !this.#survivesAdding(machine.id)) return;
    this.#propose({ kind: "add", member });
  }

  #survivesAdding(id: bigint): boolean {
    this.#perhapsAdded.add(id);
    const survives = this.survivesWithout(undefined);
    this.#perhapsAdded.delete(id);
    return survives;
  }

  promote(): void {
    const id = this.#world.judge.confState.learners[0];
    if (id === undefined || !this.#survivesAdding(id)) return;
    this.#propose({ kind: "promote", id });
  }

  remove(machine: SimMachine): void {
    const { voters } = this.#world.judge.confState;
    if (voters.length <= 2 && voters.includes(machine.id)) return;
    if (this.survivesWithout(machine.id, true)) this.#propose({ kind: "remove", id: machine.id });
  }

  update(machine: SimMachine): void {
    const peerUrls = [`http://${machine.name}:${3000 + ++this.#updates}`];
    this.#propose({ kind: "update", id: machine.id, peerUrls });
  }

  /** Removes a member and, once that is done, adds a new one for it. */
  replace(machine: SimMachine): void {
    if (this.#replacement !== undefined) return;
    this.#replacement = machine.id;
    this.remove(machine);
  }

  /** Several changes at once, through a joint configuration. */
  changeJointly(choice: number, isExplicit: boolean): void {
    const leader = this.#world.leader();
    const { confState } = this.#world.judge;
    if (leader === undefined) return;
    if (confState.votersOutgoing.length > 0) {
      // Leaving is asked for, in case that it does not happen by itself.
      const { auto } = ConfChangeTransition;
      this.#guarded(leader.machine, () =>
        leader.proposeJoint({ transition: auto, changes: [], context: NO_BYTES }, () => {}),
      );
      return;
    }
    const changes = this.#jointChanges(confState, choice);
    if (changes.length === 0) return;
    const { jointExplicit, jointImplicit } = ConfChangeTransition;
    const transition = isExplicit ? jointExplicit : jointImplicit;
    const { coverage } = this.#world;
    this.#guarded(leader.machine, () =>
      leader.proposeJoint({ transition, changes, context: NO_BYTES }, ({ kind }) => {
        if (kind === "done") coverage.saw("a joint change was answered");
      }),
    );
  }

  /** A voter goes, or becomes a learner, while another comes. */
  #jointChanges({ voters, learners }: ConfState, choice: number): ConfChangeSingle[] {
    if (voters.length < 3 || this.#world.machines.length >= MACHINES_MAX) return [];
    if (this.#perhapsAdded.size + this.#perhapsRemoved.size > 0) return [];
    const leaving = voters[choice % voters.length];
    if (leaving === undefined || !this.survivesWithout(leaving)) return [];
    const joining = this.#world.addMachine().id;
    this.#perhapsAdded.add(joining);
    const survives = this.survivesWithout(leaving);
    if (!survives) {
      this.#perhapsAdded.delete(joining);
      return [];
    }
    this.#perhapsRemoved.add(leaving);
    const { addNode, addLearner, removeNode } = ConfChangeType;
    const isDemoted = choice % 3 === 0 && learners.length === 0;
    return [
      { type: isDemoted ? addLearner : removeNode, nodeId: leaving },
      { type: addNode, nodeId: joining },
    ];
  }

  transfer(machine: SimMachine): void {
    const leader = this.#world.leader();
    if (leader === undefined || leader.machine === machine) return;
    this.#world.transferTarget = machine.id;
    this.#guarded(leader.machine, () => leader.replica.transferLeader(machine.id));
    leader.wake();
  }

  #guarded(machine: SimMachine, run: () => void): void {
    machine.guard(run);
  }

  #propose(change: MemberChange): void {
    const world = this.#world;
    const member = world.leader() ?? world.anyMember();
    if (member === undefined) return;
    const id = change.kind === "add" ? change.member.id : change.id;
    world.transcript.note("propose-change", change.kind, id);
    if (change.kind === "remove") this.#perhapsRemoved.add(id);
    const isVoter =
      change.kind === "promote" || (change.kind === "add" && !change.member.isLearner);
    if (isVoter) this.#perhapsAdded.add(id);
    member.machine.guard(() =>
      member.proposeChange(change, (outcome) => {
        if (outcome.kind !== "membersRefused") return;
        world.coverage.saw("a change of the members was refused");
        this.#perhapsAdded.delete(id);
        this.#perhapsRemoved.delete(id);
      }),
    );
  }

  /** A member has applied a change. */
  onMembers(machine: SimMachine, change: MemberChange | undefined, confState: ConfState): void {
    const world = this.#world;
    world.transcript.note("members", machine.number, change?.kind, confState.voters.length);
    if (change !== undefined) this.#onChange(machine, change);
    for (const id of [...confState.voters, ...confState.learners]) world.startMember(id);
    this.#stopIfRemoved(machine);
  }

  #onChange(machine: SimMachine, change: MemberChange): void {
    const { coverage } = this.#world;
    if (change.kind === "add") {
      coverage.saw(change.member.isLearner ? "a learner was added" : "a voter was added");
    } else if (change.kind === "promote") coverage.saw("a learner was promoted");
    else if (change.kind === "update") coverage.saw("a member's addresses were updated");
    else {
      coverage.saw("a member was removed");
      if (machine.id === change.id && machine.log.leadsTerm !== undefined) {
        coverage.saw("a leader was removed");
      }
      if (this.#replacement === change.id) {
        this.#replacement = undefined;
        coverage.saw("a member was replaced");
        this.#world.schedule.after(100, () => this.addMember(false));
      }
    }
  }

  /** What an applied configuration says about changes whose outcome was open. */
  settle(confState: ConfState): void {
    const { voters, votersOutgoing } = confState;
    for (const id of voters) this.#perhapsAdded.delete(id);
    const all = new Set([...voters, ...votersOutgoing]);
    for (const id of this.#perhapsRemoved) if (!all.has(id)) this.#perhapsRemoved.delete(id);
  }

  /** A member has taken over a state: what happened in between is not told one by one. */
  onInstalled(machine: SimMachine): void {
    this.#stopIfRemoved(machine);
  }

  /** A member that finds itself removed stops, after it has had the time to tell the others. */
  #stopIfRemoved(machine: SimMachine): void {
    const { member } = machine;
    if (member?.membership.isRemoved(machine.id) !== true) return;
    this.#world.schedule.after(STOP_AFTER_REMOVAL_MS, () => {
      if (machine.member === member) machine.retire();
    });
  }
}
