// SPDX-License-Identifier: Apache-2.0

import { EMPTY_MAJORITY, JointConfig, MajorityConfig } from "../../../src/core/raft/index.ts";
import type { Argument, Directive, Handler } from "../../harness/datadriven.ts";
import { fail, parseId, parseNumber, split } from "./arguments.ts";

interface QuorumCase {
  readonly config: JointConfig;
  /** Distinct, in the order in which they were given: values belong to them in this order. */
  readonly voters: readonly bigint[];
}

function configOf(directive: Directive, named: ReadonlyMap<string, Argument>): QuorumCase {
  const incoming = (named.get("cfg")?.values ?? []).map(parseId);
  const words = named.get("cfgj")?.values ?? [];
  const isEmptyHalf = words.length === 1 && words[0] === "zero";
  const outgoing = isEmptyHalf ? [] : words.map(parseId);
  for (const ids of [incoming, outgoing]) {
    if (new Set(ids).size !== ids.length) fail(directive, "a voter is given twice");
  }
  return {
    config: new JointConfig(new MajorityConfig(incoming), new MajorityConfig(outgoing)),
    voters: [...new Set([...incoming, ...outgoing])],
  };
}

function mismatch(config: JointConfig, values: readonly number[]): string {
  const ids = config.ids.map((id) => `${id}:{}`).join(" ");
  return `error: mismatched input (explicit or _) for voters map[${ids}]: [${values.join(" ")}]`;
}

/** A picture of how far each voter is, compared with the others. */
function chart(ids: readonly bigint[], acked: ReadonlyMap<bigint, number>): string {
  if (ids.length === 0) return "<empty majority quorum>";
  const count = ids.length;
  const sorted = ids
    .map((id) => ({ id, index: acked.get(id) ?? 0 }))
    .sort((a, b) => a.index - b.index || (a.id < b.id ? -1 : 1));
  const bars = new Map<bigint, number>();
  for (const [i, { id, index }] of sorted.entries()) {
    const before = sorted[i - 1];
    const isFurther = before !== undefined && index > before.index;
    bars.set(id, isFurther ? i : before === undefined ? 0 : (bars.get(before.id) ?? 0));
  }
  const rows = ids.map((id) => {
    const index = acked.get(id);
    const bar = bars.get(id) ?? 0;
    const field =
      index === undefined
        ? `?${" ".repeat(count)}`
        : `${"x".repeat(bar)}>${" ".repeat(count - bar)}`;
    return `${field} ${String(index ?? 0).padStart(5)}    (id=${id.toString(16)})\n`;
  });
  return `${" ".repeat(count)}    idx\n${rows.join("")}`;
}

/** The committed index by its definition: the largest that a majority of each half has. */
function naiveCommitted(config: JointConfig, acked: ReadonlyMap<bigint, number>): number {
  const halves = [config.incoming, config.outgoing].filter((half) => half.size > 0);
  if (halves.length === 0) return Number.POSITIVE_INFINITY;
  const isCommitted = (index: number): boolean =>
    halves.every((half) => {
      const having = half.ids.filter((id) => (acked.get(id) ?? 0) >= index).length;
      return having * 2 > half.size;
    });
  return Math.max(0, ...[...acked.values()].filter(isCommitted));
}

/** The same result has to come out in other ways. */
function checkCommitted(
  config: JointConfig,
  acked: ReadonlyMap<bigint, number>,
  result: number,
): void {
  const of = (index: ReadonlyMap<bigint, number>, joint: JointConfig): number =>
    joint.committedIndex((id) => index.get(id));
  const others: [string, number][] = [
    ["naive counting", naiveCommitted(config, acked)],
    ["symmetry", of(acked, new JointConfig(config.outgoing, config.incoming))],
  ];
  if (!config.isJoint) {
    const half = config.incoming;
    others.push(["joint with itself", of(acked, new JointConfig(half, half))]);
    others.push(["joint with empty", of(acked, new JointConfig(EMPTY_MAJORITY, half))]);
  }
  for (const id of config.ids) {
    const index = acked.get(id);
    if (index === undefined || index >= result || result === Number.POSITIVE_INFINITY) continue;
    for (const lower of [index - 1, 0]) {
      if (lower < 0) continue;
      others.push([`lowering ${id}`, of(new Map(acked).set(id, lower), config)]);
    }
  }
  for (const [way, other] of others) {
    if (other !== result) throw new Error(`${other} via ${way}, but ${result}`);
  }
}

function committed(directive: Directive): string {
  const { positional, named } = split(directive, ["cfg", "cfgj", "idx"]);
  if (positional.length > 0) fail(directive, `unknown argument ${positional[0]}`);
  const { config, voters } = configOf(directive, named);
  const words = named.get("idx")?.values ?? [];
  const values = words.map((word) => (word === "_" ? 0 : parseNumber(word)));
  if (values.some((value, i) => value === 0 && words[i] !== "_")) fail(directive, "index 0");
  if (values.length !== voters.length) return mismatch(config, values);
  const acked = new Map<bigint, number>();
  for (const [i, id] of voters.entries()) {
    const value = values[i] ?? 0;
    if (value > 0) acked.set(id, value);
  }
  const result = config.committedIndex((id) => acked.get(id));
  checkCommitted(config, acked, result);
  return chart(config.ids, acked) + (result === Number.POSITIVE_INFINITY ? "∞" : String(result));
}

const VOTES: ReadonlyMap<string, number> = new Map([
  ["_", 0],
  ["n", 1],
  ["y", 2],
]);

function vote(directive: Directive): string {
  const { positional, named } = split(directive, ["cfg", "cfgj", "votes"]);
  if (positional.length > 0) fail(directive, `unknown argument ${positional[0]}`);
  const { config, voters } = configOf(directive, named);
  const values = (named.get("votes")?.values ?? []).map(
    (word) => VOTES.get(word) ?? fail(directive, `unknown vote ${word}`),
  );
  if (values.length !== voters.length) return mismatch(config, values);
  const cast = new Map(voters.map((id, i) => [id, values[i] ?? 0]));
  const voteOf = (id: bigint): boolean | undefined => {
    const value = cast.get(id) ?? 0;
    return value === 0 ? undefined : value === 2;
  };
  const result = config.voteResult(voteOf);
  const swapped = new JointConfig(config.outgoing, config.incoming).voteResult(voteOf);
  if (swapped !== result) throw new Error(`${swapped} via symmetry, but ${result}`);
  return { pending: "VotePending", lost: "VoteLost", won: "VoteWon" }[result];
}

/** Answers the directives of one file about majorities. */
export function quorumHandler(): Handler {
  return (directive) => {
    if (directive.command === "committed") return committed(directive);
    if (directive.command === "vote") return vote(directive);
    return fail(directive, "unknown command");
  };
}
