// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../base/contracts/random.ts";
import { invariant } from "../../base/invariant.ts";
import { type RaftLogger, silentRaftLogger } from "./logger.ts";
import type { RaftStorage } from "./storage.ts";
import { APPEND_THREAD, APPLY_THREAD, NONE } from "./types.ts";

/**
 * How a leader makes sure that it still leads before it answers a read.
 * - `safe`: a quorum has to answer a heartbeat that was sent after the read came.
 * - `lease-based`: it trusts its clock, as long as it hears from a quorum (needs `checkQuorum`).
 */
export type ReadOnlyOption = "safe" | "lease-based";

/** Sizes are bytes, times are ticks, and `Infinity` (the default of every limit) is "no limit". */
export interface RaftConfig {
  /** This member; neither `NONE` nor the address of a storage thread. */
  readonly id: bigint;
  /** A follower that hears nothing for 1 to 2 times this long starts an election. */
  readonly electionTick: number;
  /** Ticks between two heartbeats of a leader. */
  readonly heartbeatTick: number;
  readonly storage: RaftStorage;
  readonly random: Random;
  /** The last entry applied before the start; 0 or left out: take it from storage. */
  readonly applied?: number;
  /** Storage work is asked for by messages, and acknowledged by stepping their responses. */
  readonly asyncStorageWrites?: boolean;
  /** Encoded entries in one append message; one entry is sent whatever its size. */
  readonly maxSizePerMsg?: number;
  /** Encoded entries handed out for applying and not acknowledged; default `maxSizePerMsg`. */
  readonly maxCommittedSizePerReady?: number;
  /** Payload of a leader's entries that are not applied; proposals beyond are dropped. */
  readonly maxUncommittedEntriesSize?: number;
  /** Append messages under way to one follower. */
  readonly maxInflightMsgs?: number;
  /** Payload under way to one follower; not below `maxSizePerMsg`. */
  readonly maxInflightBytes?: number;
  /** A leader that does not hear from a quorum for an election timeout steps down. */
  readonly checkQuorum?: boolean;
  /** Ask whether an election could be won before raising the term. */
  readonly preVote?: boolean;
  readonly readOnlyOption?: ReadOnlyOption;
  readonly logger?: RaftLogger;
  /** A follower drops proposals instead of sending them to the leader. */
  readonly disableProposalForwarding?: boolean;
  /** A leader takes configuration changes even when they do not fit the configuration it has. */
  readonly disableConfChangeValidation?: boolean;
  /** A leader that is removed or becomes a learner steps down at once. */
  readonly stepDownOnRemoval?: boolean;
}

/** The configuration with every default filled in. */
export type ResolvedConfig = Required<RaftConfig>;

/** Fills in the defaults; a configuration that cannot work is a broken invariant. */
export function resolveConfig(config: RaftConfig): ResolvedConfig {
  const maxSizePerMsg = config.maxSizePerMsg ?? Number.POSITIVE_INFINITY;
  const resolved: ResolvedConfig = {
    applied: 0,
    asyncStorageWrites: false,
    maxSizePerMsg,
    maxCommittedSizePerReady: maxSizePerMsg,
    maxUncommittedEntriesSize: Number.POSITIVE_INFINITY,
    maxInflightMsgs: Number.POSITIVE_INFINITY,
    maxInflightBytes: Number.POSITIVE_INFINITY,
    checkQuorum: false,
    preVote: false,
    readOnlyOption: "safe",
    logger: silentRaftLogger,
    disableProposalForwarding: false,
    disableConfChangeValidation: false,
    stepDownOnRemoval: false,
    ...config,
  };
  checkConfig(resolved);
  return resolved;
}

function checkConfig(config: ResolvedConfig): void {
  invariant(config.id !== NONE, "cannot use none as id");
  invariant(
    config.id !== APPEND_THREAD && config.id !== APPLY_THREAD,
    "cannot use the address of a storage thread as id",
  );
  invariant(config.heartbeatTick > 0, "heartbeat tick must be greater than 0");
  invariant(
    config.electionTick > config.heartbeatTick,
    "election tick must be greater than heartbeat tick",
  );
  invariant(config.maxInflightMsgs > 0, "max inflight messages must be greater than 0");
  invariant(
    config.maxInflightBytes >= config.maxSizePerMsg,
    "max inflight bytes must be >= max message size",
  );
  invariant(config.maxCommittedSizePerReady > 0, "max committed size must be greater than 0");
  invariant(
    config.readOnlyOption === "safe" || config.checkQuorum,
    "checkQuorum must be enabled when readOnlyOption is lease-based",
  );
}
