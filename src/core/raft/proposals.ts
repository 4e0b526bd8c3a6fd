// SPDX-License-Identifier: Apache-2.0
// Proposals at the leader, and its own proposal to leave a joint configuration.

import { decodeConfChangeEntry } from "./codec.ts";
import { describeConfChange, describeTrackedConfig, hex } from "./describe.ts";
import { type ProposeResult, refusalText } from "./errors.ts";
import type { Raft } from "./raft.ts";
import { appendData, appendProposals, broadcastAppend } from "./replication.ts";
import { type ConfChangeV2, type Entry, EntryType, NO_BYTES, NONE } from "./types.ts";

/** Whether this leader takes proposals at all: not when it is removed, or hands over. */
function mayPropose(raft: Raft): boolean {
  if (raft.tracker.get(raft.id) === undefined) return false;
  if (raft.leadTransferee === NONE) return true;
  raft.logger.debug(
    `${raft.hexId} [term ${raft.term}] transfer leadership to ${hex(raft.leadTransferee)} ` +
      "is in progress; dropping proposal",
  );
  return false;
}

/** Appends plain data to the leader's log and sends it on. */
export function proposeData(raft: Raft, datas: readonly Uint8Array[]): ProposeResult {
  if (!mayPropose(raft) || !appendData(raft, datas)) return "dropped";
  broadcastAppend(raft);
  return "ok";
}

/** The same for entries of any type; configuration changes are checked. */
export function proposeEntries(raft: Raft, entries: readonly Entry[]): ProposeResult {
  if (entries.length === 0 || !mayPropose(raft)) return "dropped";
  const checked = entries.map((entry, i) => checkConfChange(raft, entry, i));
  if (!appendProposals(raft, checked)) return "dropped";
  broadcastAppend(raft);
  return "ok";
}

/**
 * A change that does not fit the configuration is replaced by an empty entry, so that whoever
 * waits for the index hears something. One that fits holds the next ones back.
 */
function checkConfChange(raft: Raft, entry: Entry, offset: number): Entry {
  if (entry.type === EntryType.normal) return entry;
  const change = decodeConfChangeEntry(entry);
  const reason = refusal(raft, change);
  if (reason !== undefined && !raft.config.disableConfChangeValidation) {
    raft.logger.info(
      `${raft.hexId} ignoring conf change ${describeConfChange(change)} at config ` +
        `${describeTrackedConfig(raft.tracker.config)}: ${reason}`,
    );
    return { type: EntryType.normal, term: 0, index: 0, data: NO_BYTES };
  }
  raft.pendingConfIndex = raft.log.lastIndex() + offset + 1;
  return entry;
}

function refusal(raft: Raft, change: ConfChangeV2): string | undefined {
  const { pendingConfIndex } = raft;
  const { applied } = raft.log;
  const wantsLeave = change.changes.length === 0;
  const isJoint = raft.tracker.config.voters.isJoint;
  if (pendingConfIndex > applied) {
    return `possible unapplied conf change at index ${pendingConfIndex} (applied to ${applied})`;
  }
  if (isJoint && !wantsLeave) return "must transition out of joint config first";
  if (!isJoint && wantsLeave) return "not in joint state; refusing empty conf change";
  return undefined;
}

/** Everything up to `index` was applied: `bytes` of what was handed out. */
export function appliedTo(raft: Raft, index: number, bytes: number): void {
  const applied = Math.max(index, raft.log.applied);
  raft.log.appliedTo(applied, bytes);
  const { autoLeave } = raft.tracker.config;
  if (autoLeave && applied >= raft.pendingConfIndex && raft.role === "leader") leaveJoint(raft);
}

/** Proposes to leave the joint configuration. If that is refused, the next entry tries again. */
function leaveJoint(raft: Raft): void {
  const config = describeTrackedConfig(raft.tracker.config);
  const entry = { type: EntryType.confChangeV2, term: 0, index: 0, data: NO_BYTES };
  if (proposeEntries(raft, [entry]) === "ok") {
    raft.logger.info(`initiating automatic transition out of joint configuration ${config}`);
  } else {
    raft.logger.debug(
      `not initiating automatic transition out of joint configuration ${config}: ` +
        refusalText("dropped"),
    );
  }
}
