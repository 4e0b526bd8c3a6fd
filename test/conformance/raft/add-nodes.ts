// SPDX-License-Identifier: Apache-2.0

import { type ConfState, NO_BYTES, type Snapshot } from "../../../src/core/raft/index.ts";
import type { Argument, Directive } from "../../harness/datadriven.ts";
import {
  DirectiveError,
  fail,
  parseBoolean,
  parseId,
  parseNumber,
  single,
  split,
} from "./arguments.ts";
import type { Environment } from "./environment.ts";
import type { NodeOptions } from "./simulated-node.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const BOOTSTRAP_KEYS = ["voters", "learners", "index", "content"] as const;

/** What each option sets. */
const OPTIONS: ReadonlyMap<string, (options: Writable<NodeOptions>, value: string) => void> =
  new Map<string, (options: Writable<NodeOptions>, value: string) => void>([
    ["inflight", (o, value) => (o.maxInflightMsgs = parseNumber(value))],
    ["async-storage-writes", (o, value) => (o.asyncStorageWrites = parseBoolean(value))],
    ["prevote", (o, value) => (o.preVote = parseBoolean(value))],
    ["checkquorum", (o, value) => (o.checkQuorum = parseBoolean(value))],
    ["read-only", (o, value) => (o.readOnlyOption = readOnlyOption(value))],
    ["max-committed-size-per-ready", (o, v) => (o.maxCommittedSizePerReady = parseNumber(v))],
    [
      "disable-conf-change-validation",
      (o, value) => (o.disableConfChangeValidation = parseBoolean(value)),
    ],
    ["step-down-on-removal", (o, value) => (o.stepDownOnRemoval = parseBoolean(value))],
  ]);

function readOnlyOption(value: string): "safe" | "lease-based" {
  if (value === "safe" || value === "lease-based") return value;
  throw new DirectiveError(`invalid read-only option "${value}"`);
}

function optionsOf(named: ReadonlyMap<string, Argument>): NodeOptions {
  const options: Writable<NodeOptions> = {};
  for (const [key, set] of OPTIONS) {
    const argument = named.get(key);
    if (argument !== undefined) set(options, single(argument));
  }
  return options;
}

/** The state that nodes start from: blank unless one of the bootstrap arguments is given. */
function initialOf(named: ReadonlyMap<string, Argument>): Snapshot {
  const ids = (key: string): bigint[] => (named.get(key)?.values ?? []).map(parseId);
  const index = named.get("index");
  const content = named.get("content");
  const confState: ConfState = {
    voters: ids("voters"),
    learners: ids("learners"),
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  };
  const metadata = { confState, index: 0, term: 0 };
  if (!BOOTSTRAP_KEYS.some((key) => named.has(key))) return { data: NO_BYTES, metadata };
  const at = index === undefined ? 0 : parseNumber(single(index));
  if (at <= 1) throw new DirectiveError("index must be specified as > 1 due to bootstrap");
  const data = content === undefined ? NO_BYTES : new TextEncoder().encode(single(content));
  return { data, metadata: { confState, index: at, term: 1 } };
}

/** Creates nodes with the identities that follow, all alike. */
export function addNodes(env: Environment, directive: Directive): void {
  const { positional, named } = split(directive, [...BOOTSTRAP_KEYS, ...OPTIONS.keys()]);
  const [count, ...others] = positional;
  if (count === undefined || others.length > 0) fail(directive, "expected how many nodes");
  const options = optionsOf(named);
  for (let i = 0; i < parseNumber(count); i++) env.addNode(initialOf(named), options);
}
