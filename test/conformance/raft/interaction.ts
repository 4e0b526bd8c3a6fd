// SPDX-License-Identifier: Apache-2.0

import {
  ConfChangeTransition,
  MessageType,
  NO_BYTES,
  parseConfChanges,
  refusalText,
  roleName,
  type StepResult,
} from "../../../src/core/raft/index.ts";
import type { Argument, Directive, Handler } from "../../harness/datadriven.ts";
import { addNodes } from "./add-nodes.ts";
import {
  DirectiveError,
  fail,
  idsOf,
  onlyId,
  parseBoolean,
  parseId,
  parseNumber,
  single,
  split,
} from "./arguments.ts";
import { Environment, type Recipient } from "./environment.ts";
import { LEVEL_NAMES, type Level, parseLevel } from "./output.ts";
import { ELECTION_TICK, HEARTBEAT_TICK, type SimulatedNode } from "./simulated-node.ts";

type Action = (env: Environment, directive: Directive) => void;

function mustSucceed(result: StepResult): void {
  if (result !== "ok") throw new DirectiveError(refusalText(result));
}

function levelOf(name: string): Level {
  const level = parseLevel(name);
  if (level === undefined) {
    throw new DirectiveError(`log levels must be either of [${LEVEL_NAMES}]`);
  }
  return level;
}

/** Runs `work` for each node; with more than one, under a heading of its own. */
function forEachNode(
  env: Environment,
  directive: Directive,
  what: string,
  work: (node: SimulatedNode) => void,
): void {
  const nodes = idsOf(directive).map((id) => env.node(id));
  if (nodes.length === 0) fail(directive, "expected a node");
  for (const node of nodes) {
    if (nodes.length === 1) work(node);
    else {
      env.output.printLine(`> ${node.id} ${what}`);
      env.output.indented(() => work(node));
    }
  }
}

const propose: Action = (env, directive) => {
  const { positional } = split(directive, []);
  const [id, data, ...others] = positional;
  if (id === undefined || data === undefined || others.length > 0) {
    fail(directive, "expected a node and the data");
  }
  mustSucceed(env.node(parseId(id)).raft.propose(new TextEncoder().encode(data)));
};

function transitionOf(argument: Argument | undefined): ConfChangeTransition {
  const name = argument === undefined ? "auto" : single(argument);
  if (name === "auto") return ConfChangeTransition.auto;
  if (name === "implicit") return ConfChangeTransition.jointImplicit;
  if (name === "explicit") return ConfChangeTransition.jointExplicit;
  throw new DirectiveError(`unknown transition ${name}`);
}

const proposeConfChange: Action = (env, directive) => {
  for (const { key, values } of directive.args.slice(1)) {
    if (key !== "v1" && key !== "transition") throw new DirectiveError(`unknown command ${key}`);
    if (values.length === 0) fail(directive, `${key} needs a value`);
  }
  const { positional, named } = split(directive, ["v1", "transition"]);
  const node = env.node(parseId(positional[0] ?? fail(directive, "expected a node")));
  const v1 = named.get("v1");
  const transition = transitionOf(named.get("transition"));
  const changes = parseConfChanges(directive.input);
  if (typeof changes === "string") throw new DirectiveError(changes);
  if (v1 === undefined || !parseBoolean(single(v1))) {
    mustSucceed(node.raft.proposeConfChange({ transition, changes, context: NO_BYTES }));
    return;
  }
  if (changes.length > 1 || transition !== ConfChangeTransition.auto) {
    throw new DirectiveError("v1 conf change can only have one operation and no transition");
  }
  const [change] = changes;
  if (change === undefined) fail(directive, "a v1 change needs an operation");
  mustSucceed(node.raft.proposeConfChange({ id: 0n, ...change, context: NO_BYTES }));
};

function messageType(directive: Directive, name: string): MessageType {
  const found = Object.entries(MessageType).find(([key]) => key === name);
  return found?.[1] ?? fail(directive, `unknown message type ${name}`);
}

const deliverMessages: Action = (env, directive) => {
  const recipients: Recipient[] = [];
  let type: MessageType | undefined;
  for (const argument of directive.args) {
    const { key, values } = argument;
    if (values.length === 0) recipients.push({ id: parseId(key), isDropped: false });
    else if (key === "drop") {
      recipients.push(...values.map((value) => ({ id: parseId(value), isDropped: true })));
    } else if (key === "type") type = messageType(directive, single(argument));
    else fail(directive, `unknown argument ${key}`);
  }
  const dropped = new Set(recipients.filter((r) => r.isDropped).map((r) => r.id));
  const conflict = recipients.find((r) => !r.isDropped && dropped.has(r.id));
  if (conflict !== undefined) fail(directive, `${conflict.id} is both delivered and dropped`);
  if (env.deliver(recipients, type) === 0) env.output.printLine("no messages");
};

const stabilize: Action = (env, directive) => {
  const { positional, named } = split(directive, ["log-level"]);
  const nodes =
    positional.length === 0 ? [...env.nodes] : positional.map((word) => env.node(parseId(word)));
  const argument = named.get("log-level");
  const previous = env.output.level;
  if (argument !== undefined) env.output.level = levelOf(single(argument));
  try {
    env.stabilize(nodes);
  } finally {
    env.output.level = previous;
  }
};

function ticks(count: number): Action {
  return (env, directive) => {
    const { raft } = env.node(onlyId(directive));
    for (let i = 0; i < count; i++) raft.tick();
  };
}

const setTimeoutTicks: Action = (env, directive) => {
  const { positional, named } = split(directive, ["timeout"]);
  const [id, ...others] = positional;
  const timeout = named.get("timeout");
  if (id === undefined || others.length > 0 || timeout === undefined) {
    fail(directive, "expected a node and its timeout");
  }
  env.node(parseId(id)).raft.setRandomizedElectionTimeout(parseNumber(single(timeout)));
};

const transferLeadership: Action = (env, directive) => {
  const { positional, named } = split(directive, ["from", "to"]);
  const from = named.get("from");
  const to = named.get("to");
  if (positional.length > 0 || from === undefined || to === undefined) {
    fail(directive, "expected from and to");
  }
  env.node(parseId(single(from))).raft.transferLeader(parseId(single(to)));
};

const reportUnreachable: Action = (env, directive) => {
  const [on, reported, ...others] = idsOf(directive);
  if (on === undefined || reported === undefined || others.length > 0) {
    throw new DirectiveError(
      "must specify exactly two node indexes: node on which to report, and reported node",
    );
  }
  env.node(on).raft.reportUnreachable(env.node(reported).id);
};

const sendSnapshot: Action = (env, directive) => {
  const [from, to] = idsOf(directive, 2);
  if (from === undefined || to === undefined) fail(directive, "expected two nodes");
  env.sendSnapshot(env.node(from), to);
};

const compact: Action = (env, directive) => {
  const [id, index] = idsOf(directive, 2);
  if (id === undefined || index === undefined) fail(directive, "expected a node and an index");
  const refusal = env.node(id).storage.compact(Number(index));
  if (refusal !== undefined) throw new DirectiveError(refusalText(refusal));
  env.printLog(env.node(id));
};

const printStates: Action = (env, directive) => {
  if (directive.args.length > 0) fail(directive, "takes no arguments");
  for (const { id, raft } of env.nodes) {
    const { role, term, leader, config } = raft.status();
    const vote = config.voters.has(id) ? "Voter" : "Non-Voter";
    env.output.printLine(`${id}: ${roleName(role)} (${vote}) Term:${term} Lead:${leader}`);
  }
};

const printStatus: Action = (env, directive) => {
  const { progress } = env.node(onlyId(directive)).raft.status();
  for (const [id, member] of progress) env.output.printLine(`${id}: ${member.describe()}`);
};

const setLevel: Action = (env, directive) => {
  const { positional } = split(directive, []);
  const [name, ...others] = positional;
  if (name === undefined || others.length > 0) fail(directive, "expected a level");
  env.output.level = levelOf(name);
};

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["_breakpoint", () => {}],
  ["add-nodes", addNodes],
  ["campaign", (env, d) => env.node(onlyId(d)).raft.campaign()],
  ["compact", compact],
  ["deliver-msgs", deliverMessages],
  ["forget-leader", (env, d) => env.node(onlyId(d)).raft.forgetLeader()],
  ["log-level", setLevel],
  [
    "process-append-thread",
    (env, d) => forEachNode(env, d, "processing append thread", (n) => env.processAppendThread(n)),
  ],
  [
    "process-apply-thread",
    (env, d) => forEachNode(env, d, "processing apply thread", (n) => env.processApplyThread(n)),
  ],
  [
    "process-ready",
    (env, d) => forEachNode(env, d, "handling Ready", (node) => env.processReady(node)),
  ],
  ["propose", propose],
  ["propose-conf-change", proposeConfChange],
  ["raft-log", (env, d) => env.printLog(env.node(onlyId(d)))],
  ["raft-state", printStates],
  ["report-unreachable", reportUnreachable],
  ["send-snapshot", sendSnapshot],
  ["set-randomized-election-timeout", setTimeoutTicks],
  ["stabilize", stabilize],
  ["status", printStatus],
  ["tick-election", ticks(ELECTION_TICK)],
  ["tick-heartbeat", ticks(HEARTBEAT_TICK)],
  ["transfer-leadership", transferLeadership],
]);

const unknownCommand: Action = () => {
  throw new DirectiveError("unknown command");
};

/** Answers the directives of one file about whole nodes. */
export function interactionHandler(): Handler {
  const env = new Environment();
  return (directive) => {
    const action = ACTIONS.get(directive.command) ?? unknownCommand;
    const { output } = env;
    output.clear();
    let error = "";
    try {
      action(env, directive);
    } catch (cause) {
      if (!(cause instanceof DirectiveError)) throw cause;
      error = cause.message;
    }
    if (error !== "" && output.level === "NONE") return error;
    const text = output.text + error;
    return text === "" ? "ok" : text;
  };
}
