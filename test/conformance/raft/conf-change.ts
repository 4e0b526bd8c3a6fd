// SPDX-License-Identifier: Apache-2.0

import {
  type ChangeBase,
  type ChangeResult,
  changeSimply,
  describeTrackedConfig,
  EMPTY_TRACKED_CONFIG,
  enterJoint,
  leaveJoint,
  parseConfChanges,
  type TrackedState,
} from "../../../src/core/raft/index.ts";
import type { Directive, Handler } from "../../harness/datadriven.ts";
import { fail, parseBoolean, single, split } from "./arguments.ts";

const MAX_INFLIGHT = 10;

function change(directive: Directive, base: ChangeBase): ChangeResult | string {
  const isEntering = directive.command === "enter-joint";
  const { positional, named } = split(directive, isEntering ? ["autoleave"] : []);
  if (positional.length > 0) fail(directive, `unknown argument ${positional[0]}`);
  const changes = parseConfChanges(directive.input);
  if (typeof changes === "string") return changes;
  switch (directive.command) {
    case "simple":
      return changeSimply(base, changes);
    case "enter-joint": {
      const autoLeave = named.get("autoleave");
      return enterJoint(base, changes, autoLeave !== undefined && parseBoolean(single(autoLeave)));
    }
    case "leave-joint":
      return changes.length > 0 ? "this command takes no input" : leaveJoint(base);
    default:
      return "unknown command";
  }
}

function describe({ config, progress }: TrackedState): string {
  const ids = [...progress.keys()].sort((a, b) => (a < b ? -1 : 1));
  const lines = ids.map((id) => `${id}: ${progress.get(id)?.describe()}\n`);
  return `${describeTrackedConfig(config)}\n${lines.join("")}`;
}

/** Answers the directives of one file about the changes of a configuration. */
export function confChangeHandler(): Handler {
  let state: TrackedState = { config: EMPTY_TRACKED_CONFIG, progress: new Map() };
  let lastIndex = 0;
  const inflightLimits = { messages: MAX_INFLIGHT, bytes: Number.POSITIVE_INFINITY };
  return (directive) => {
    const result = change(directive, { state, lastIndex, inflightLimits });
    // Failed changes count as well.
    lastIndex++;
    if (typeof result === "string") return result;
    state = result;
    return describe(state);
  };
}
