// SPDX-License-Identifier: Apache-2.0
// The configuration in force: changes when they are applied, and what a snapshot brings.

import { invariant } from "../../base/invariant.ts";
import { applyChange, type ChangeBase } from "./confchange/changer.ts";
import { restoreState } from "./confchange/restore.ts";
import { describeTrackedConfig } from "./describe.ts";
import type { Raft } from "./raft.ts";
import { releasePostponedReads } from "./read-index.ts";
import { broadcastAppend, maybeCommit, maybeSendAppend } from "./replication.ts";
import { confStateOf, type TrackedState } from "./tracker/progress-tracker.ts";
import { type ConfChangeV2, type ConfState, NONE } from "./types.ts";

function changeStart(raft: Raft): Omit<ChangeBase, "state"> {
  return { lastIndex: raft.log.lastIndex(), inflightLimits: raft.tracker.inflightLimits };
}

/**
 * Puts a change from the log into force. A change that does not fit is a broken invariant: the
 * leader checks before it appends, and all members apply the same log.
 */
export function applyConfChange(raft: Raft, change: ConfChangeV2): ConfState {
  const result = applyChange({ ...changeStart(raft), state: raft.tracker.state }, change);
  invariant(typeof result !== "string", `configuration change cannot be applied: ${result}`);
  return switchTo(raft, result);
}

/** Puts a stored configuration into force, at the start or from a snapshot. */
export function restoreConfiguration(raft: Raft, confState: ConfState): void {
  raft.tracker = raft.newTracker();
  switchTo(raft, restoreState(confState, changeStart(raft)));
}

function switchTo(raft: Raft, state: TrackedState): ConfState {
  raft.tracker.switchTo(state);
  raft.logger.info(
    `${raft.hexId} switched to configuration ${describeTrackedConfig(state.config)}`,
  );
  const own = raft.tracker.get(raft.id);
  raft.isLearner = own?.isLearner === true;
  const confState = confStateOf(state.config);
  if (raft.role !== "leader") return confState;
  if (own === undefined || raft.isLearner) {
    // A leader that is no voter goes on leading, without counting itself, until another member
    // is elected: it is what commits the entries that follow the change.
    if (raft.config.stepDownOnRemoval) raft.becomeFollower(raft.term, NONE);
    return confState;
  }
  // A group that nobody votes in has no quorum to look for.
  if (confState.voters.length > 0) continueLeading(raft);
  return confState;
}

/** A leader looks at what the new configuration means for what is under way. */
function continueLeading(raft: Raft): void {
  if (maybeCommit(raft)) {
    // Fewer acknowledgements may be needed than before.
    releasePostponedReads(raft);
    broadcastAppend(raft);
  } else {
    // New members are probed at once, so that they need not wait for the next proposal.
    for (const id of raft.tracker.ids) if (id !== raft.id) maybeSendAppend(raft, id, false);
  }
  const isVoter = raft.tracker.config.voters.has(raft.leadTransferee);
  if (raft.leadTransferee !== NONE && !isVoter) raft.leadTransferee = NONE;
}
