// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";
import { EMPTY_TRACKED_CONFIG, type TrackedState } from "../tracker/progress-tracker.ts";
import { type ConfChangeSingle, ConfChangeType, type ConfState } from "../types.ts";
import { type ChangeBase, type ChangeResult, changeSimply, enterJoint } from "./changer.ts";

function each(type: ConfChangeType, ids: readonly bigint[]): ConfChangeSingle[] {
  return ids.map((nodeId) => ({ type, nodeId }));
}

/**
 * The tracked state that belongs to a stored configuration, reached by changes from the empty one
 * so that it obeys the same rules: first the voters that a joint configuration comes from, then
 * the step into it; or, when it is not joint, member by member.
 */
export function restoreState(confState: ConfState, start: Omit<ChangeBase, "state">): TrackedState {
  const empty: TrackedState = { config: EMPTY_TRACKED_CONFIG, progress: new Map() };
  const target = [
    // The outgoing voters are the incoming ones at this point; those that stay come back below.
    ...each(ConfChangeType.removeNode, confState.votersOutgoing),
    ...each(ConfChangeType.addNode, confState.voters),
    ...each(ConfChangeType.addLearner, confState.learners),
    ...each(ConfChangeType.addLearner, confState.learnersNext),
  ];
  if (confState.votersOutgoing.length === 0) return oneByOne(empty, target, start);
  const outgoing = each(ConfChangeType.addNode, confState.votersOutgoing);
  const state = oneByOne(empty, outgoing, start);
  return mustChange(enterJoint({ ...start, state }, target, confState.autoLeave));
}

function oneByOne(
  from: TrackedState,
  changes: readonly ConfChangeSingle[],
  start: Omit<ChangeBase, "state">,
): TrackedState {
  let state = from;
  for (const change of changes) state = mustChange(changeSimply({ ...start, state }, [change]));
  return state;
}

function mustChange(result: ChangeResult): TrackedState {
  invariant(typeof result !== "string", `unable to restore the configuration: ${String(result)}`);
  return result;
}
