// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeTrackedConfig } from "../describe.ts";
import {
  confStateOf,
  EMPTY_TRACKED_CONFIG,
  type TrackedState,
} from "../tracker/progress-tracker.ts";
import { type ConfChangeSingle, ConfChangeType } from "../types.ts";
import { applyChange, changeSimply, enterJoint, leaveJoint } from "./changer.ts";
import { formatConfChanges, parseConfChanges } from "./parse.ts";
import { restoreState } from "./restore.ts";

const START = {
  lastIndex: 20,
  inflightLimits: { messages: 8, bytes: Number.POSITIVE_INFINITY },
};
const EMPTY: TrackedState = { config: EMPTY_TRACKED_CONFIG, progress: new Map() };

const change: fc.Arbitrary<ConfChangeSingle> = fc.record({
  type: fc.constantFrom(...Object.values(ConfChangeType)),
  nodeId: fc.bigInt(0n, 7n),
});
const changes = fc.array(change, { maxLength: 8 });
/** Changes that leave at least one voter. */
const setup = changes.map((list) => [
  ...list,
  { type: ConfChangeType.addNode, nodeId: 1n } as const,
]);

function must(result: TrackedState | string): TrackedState {
  if (typeof result === "string") throw new Error(result);
  return result;
}

/** Puts changes into force one by one, leaving out those that are refused. */
function build(list: readonly ConfChangeSingle[]): TrackedState {
  return list.reduce((state, single) => {
    const result = changeSimply({ ...START, state }, [single]);
    return typeof result === "string" ? state : result;
  }, EMPTY);
}

function describeState({ config, progress }: TrackedState): string[] {
  const members = [...progress].map(([id, member]) => `${id}: ${member.describe()}`);
  return [describeTrackedConfig(config), ...members.sort()];
}

describe("two routes to one configuration", () => {
  it("changes one by one, or through a joint configuration", () => {
    fc.assert(
      fc.property(setup, changes, (initial, list) => {
        const start = must(
          changeSimply({ ...START, state: EMPTY }, [{ type: ConfChangeType.addNode, nodeId: 1n }]),
        );
        const from = initial.reduce((state, single) => {
          const result = changeSimply({ ...START, state }, [single]);
          return typeof result === "string" ? state : result;
        }, start);
        const joint = enterJoint({ ...START, state: from }, list, false);
        if (typeof joint === "string") return;
        const viaJoint = must(leaveJoint({ ...START, state: joint }));
        // One by one: voters are added first, so that there is always one.
        const target = confStateOf(viaJoint.config);
        const direct = [
          ...target.voters.map((nodeId) => ({ type: ConfChangeType.addNode, nodeId })),
          ...target.learners.map((nodeId) => ({ type: ConfChangeType.addLearner, nodeId })),
          ...[...from.progress.keys()]
            .filter((id) => !viaJoint.progress.has(id))
            .map((nodeId) => ({ type: ConfChangeType.removeNode, nodeId })),
        ];
        let state = from;
        for (const single of direct) state = must(changeSimply({ ...START, state }, [single]));
        expect(describeState(state)).toEqual(describeState(viaJoint));
      }),
    );
  });

  it("changed, or restored from its stored form, joint or not", () => {
    fc.assert(
      fc.property(setup, changes, fc.boolean(), fc.boolean(), (initial, list, joint, auto) => {
        const from = build(initial);
        const result = joint
          ? enterJoint({ ...START, state: from }, list, auto)
          : changeSimply({ ...START, state: from }, list);
        if (typeof result === "string") return;
        const restored = restoreState(confStateOf(result.config), START);
        expect(confStateOf(restored.config)).toEqual(confStateOf(result.config));
        expect([...restored.progress.keys()].sort()).toEqual([...result.progress.keys()].sort());
        for (const [id, member] of restored.progress) {
          expect(member.isLearner).toBe(result.progress.get(id)?.isLearner);
        }
      }),
    );
  });
});

it("changes nothing in the state that it starts from", () => {
  fc.assert(
    fc.property(setup, changes, (initial, list) => {
      const from = build(initial);
      const before = describeState(from);
      enterJoint({ ...START, state: from }, list, true);
      changeSimply({ ...START, state: from }, list);
      expect(describeState(from)).toEqual(before);
    }),
  );
});

it("chooses the way by transition and number of changes", () => {
  const state = build([{ type: ConfChangeType.addNode, nodeId: 1n }]);
  const base = { ...START, state };
  const add = (...nodeIds: bigint[]): ConfChangeSingle[] =>
    nodeIds.map((nodeId) => ({ type: ConfChangeType.addNode, nodeId }));
  const context = new Uint8Array();
  const apply = (transition: 0 | 1 | 2, list: ConfChangeSingle[]): string => {
    const result = applyChange(base, { transition, changes: list, context });
    return typeof result === "string" ? result : describeTrackedConfig(result.config);
  };
  expect(apply(0, add(2n))).toBe("voters=(1 2)");
  expect(apply(0, add(2n, 3n))).toBe("voters=(1 2 3)&&(1) autoleave");
  expect(apply(1, add(2n))).toBe("voters=(1 2)&&(1) autoleave");
  expect(apply(2, add(2n))).toBe("voters=(1 2)&&(1)");
  expect(apply(0, [])).toBe("can't leave a non-joint config");
  expect(apply(2, [])).toBe("voters=(1)&&(1)");
});

it("reads the short form of changes that it writes", () => {
  fc.assert(
    fc.property(changes, (list) => {
      expect(parseConfChanges(formatConfChanges(list))).toEqual(list);
    }),
  );
  expect(parseConfChanges("v1 lx")).toContain("invalid syntax");
});
