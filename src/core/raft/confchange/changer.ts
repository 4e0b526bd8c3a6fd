// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";
import { JointConfig } from "../quorum/joint.ts";
import { EMPTY_MAJORITY, MajorityConfig } from "../quorum/majority.ts";
import { type InflightLimits, Inflights } from "../tracker/inflights.ts";
import { Progress } from "../tracker/progress.ts";
import type { TrackedState } from "../tracker/progress-tracker.ts";
import {
  type ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  type ConfChangeV2,
  NONE,
} from "../types.ts";

/** What a change starts from. */
export interface ChangeBase {
  readonly state: TrackedState;
  /** Of this member's log: where the probing of a new member begins. */
  readonly lastIndex: number;
  readonly inflightLimits: InflightLimits;
}

/** Why a change does not fit the configuration it meets. */
export type ChangeRefusal =
  | "config is already joint"
  | "can't make a zero-voter config joint"
  | "can't leave a non-joint config"
  | "can't apply simple config change in joint config"
  | "more than one voter changed without entering joint config"
  | "removed all voters";

/** The new state, or the reason why there is none. Nothing is changed in either case. */
export type ChangeResult = TrackedState | ChangeRefusal;

/** Changes one voter at most, and learners at will, at once. */
export function changeSimply(base: ChangeBase, changes: readonly ConfChangeSingle[]): ChangeResult {
  const voters = base.state.config.voters;
  if (voters.isJoint) return "can't apply simple config change in joint config";
  const draft = new Draft(base);
  draft.applyAll(changes);
  if (draft.incoming.size === 0) return "removed all voters";
  if (differenceSize(voters.incoming, draft.incoming) > 1) {
    return "more than one voter changed without entering joint config";
  }
  return draft.finish(false);
}

/** Starts a move: the present voters become the outgoing half, the changed ones the incoming. */
export function enterJoint(
  base: ChangeBase,
  changes: readonly ConfChangeSingle[],
  autoLeave: boolean,
): ChangeResult {
  const voters = base.state.config.voters;
  if (voters.isJoint) return "config is already joint";
  if (voters.incoming.size === 0) return "can't make a zero-voter config joint";
  const draft = new Draft(base);
  draft.outgoing = new Set(draft.incoming);
  draft.applyAll(changes);
  if (draft.incoming.size === 0) return "removed all voters";
  return draft.finish(autoLeave);
}

/** Ends a move: only the incoming half stays. */
export function leaveJoint(base: ChangeBase): ChangeResult {
  if (!base.state.config.voters.isJoint) return "can't leave a non-joint config";
  const draft = new Draft(base);
  draft.leave();
  return draft.finish(false);
}

/** Makes the change that a log entry asks for, in the way that its transition asks for. */
export function applyChange(base: ChangeBase, change: ConfChangeV2): ChangeResult {
  const { transition, changes } = change;
  if (transition === ConfChangeTransition.auto) {
    if (changes.length === 0) return leaveJoint(base);
    if (changes.length === 1) return changeSimply(base, changes);
  }
  return enterJoint(base, changes, transition !== ConfChangeTransition.jointExplicit);
}

/** The number of voters that are in one set but not in the other. */
function differenceSize(before: MajorityConfig, after: ReadonlySet<bigint>): number {
  const removed = before.ids.filter((id) => !after.has(id)).length;
  const added = [...after].filter((id) => !before.has(id)).length;
  return removed + added;
}

function ascending(ids: ReadonlySet<bigint>): readonly bigint[] {
  return [...ids].sort((a, b) => (a < b ? -1 : 1));
}

/** A configuration while it is being changed. */
class Draft {
  readonly incoming: Set<bigint>;
  outgoing: Set<bigint>;
  readonly #learners: Set<bigint>;
  readonly #learnersNext: Set<bigint>;
  readonly #progress = new Map<bigint, Progress>();
  readonly #base: ChangeBase;

  constructor(base: ChangeBase) {
    const { voters, learners, learnersNext } = base.state.config;
    this.#base = base;
    this.incoming = new Set(voters.incoming.ids);
    this.outgoing = new Set(voters.outgoing.ids);
    this.#learners = new Set(learners);
    this.#learnersNext = new Set(learnersNext);
    for (const [id, progress] of base.state.progress) this.#progress.set(id, progress.clone());
  }

  /** Makes the changes in order. Updates change nothing, and nobody is nobody's member. */
  applyAll(changes: readonly ConfChangeSingle[]): void {
    for (const { type, nodeId } of changes) {
      if (nodeId === NONE) continue;
      if (type === ConfChangeType.addNode) this.#makeVoter(nodeId);
      else if (type === ConfChangeType.addLearner) this.#makeLearner(nodeId);
      else if (type === ConfChangeType.removeNode) this.#remove(nodeId);
    }
  }

  #makeVoter(id: bigint): void {
    const progress = this.#progress.get(id);
    if (progress === undefined) this.#addProgress(id, false);
    else progress.isLearner = false;
    this.#learners.delete(id);
    this.#learnersNext.delete(id);
    this.incoming.add(id);
  }

  /**
   * A voter of the outgoing half goes on voting until the joint state is left: being both would
   * break the rule that a learner is in neither half.
   */
  #makeLearner(id: bigint): void {
    const progress = this.#progress.get(id);
    if (progress === undefined) {
      this.#addProgress(id, true);
      this.#learners.add(id);
      return;
    }
    if (progress.isLearner) return;
    this.#remove(id);
    this.#progress.set(id, progress);
    if (this.outgoing.has(id)) {
      this.#learnersNext.add(id);
    } else {
      progress.isLearner = true;
      this.#learners.add(id);
    }
  }

  #remove(id: bigint): void {
    this.incoming.delete(id);
    this.#learners.delete(id);
    this.#learnersNext.delete(id);
    if (!this.outgoing.has(id)) this.#progress.delete(id);
  }

  /** A new member counts as active, or the next check of the quorum could end the leadership. */
  #addProgress(id: bigint, isLearner: boolean): void {
    const inflights = new Inflights(this.#base.inflightLimits);
    const next = Math.max(this.#base.lastIndex, 1);
    const init = { match: 0, next, isLearner, recentActive: true, inflights };
    this.#progress.set(id, new Progress(init));
  }

  leave(): void {
    for (const id of this.#learnersNext) {
      this.#learners.add(id);
      const progress = this.#progress.get(id);
      if (progress !== undefined) progress.isLearner = true;
    }
    this.#learnersNext.clear();
    for (const id of this.outgoing) {
      if (!this.incoming.has(id) && !this.#learners.has(id)) this.#progress.delete(id);
    }
    this.outgoing.clear();
  }

  finish(autoLeave: boolean): TrackedState {
    const outgoing = this.outgoing.size === 0 ? EMPTY_MAJORITY : new MajorityConfig(this.outgoing);
    const state: TrackedState = {
      config: {
        voters: new JointConfig(new MajorityConfig(this.incoming), outgoing),
        learners: ascending(this.#learners),
        learnersNext: ascending(this.#learnersNext),
        autoLeave,
      },
      progress: this.#progress,
    };
    checkInvariants(state);
    return state;
  }
}

function checkInvariants({ config, progress }: TrackedState): void {
  const { voters, learners, learnersNext, autoLeave } = config;
  for (const id of [...voters.ids, ...learners, ...learnersNext]) {
    invariant(progress.has(id), `no progress for member ${id.toString(16)}`);
  }
  for (const id of learnersNext) {
    invariant(voters.outgoing.has(id), `${id.toString(16)} is to be a learner, but not outgoing`);
    invariant(progress.get(id)?.isLearner === false, `${id.toString(16)} is a learner already`);
  }
  for (const id of learners) {
    invariant(!voters.has(id), `${id.toString(16)} is both voter and learner`);
    invariant(progress.get(id)?.isLearner === true, `${id.toString(16)} is not marked a learner`);
  }
  if (voters.isJoint) return;
  invariant(learnersNext.length === 0, "learners are staged outside a joint configuration");
  invariant(!autoLeave, "auto-leave is set outside a joint configuration");
}
