// SPDX-License-Identifier: Apache-2.0

import { BUFFER_BYTES_MAX } from "../../../src/core/backend/index.ts";
import type { SimMember } from "../contracts.ts";
import { expectThat } from "../failure.ts";

/** Proposals that the clients of a run can have open at one member, with room to spare. */
const PROPOSALS_MAX = 200;

/** Entries that a run can make at all, so that a log that is never cut shows. */
const LOG_ENTRIES_MAX = 2000;

/** Messages under way from a leader to each follower. */
export function checkInflights(member: SimMember): void {
  const { machine, raft } = member;
  const allowed = machine.world.tuning.inflightMessages;
  for (const [id, { inflights }] of raft.status().progress) {
    expectThat(
      inflights.count <= allowed,
      "limits hold",
      () => `${machine.name} has ${inflights.count} appends under way to ${id.toString(16)}`,
    );
  }
}

/** Memory, queues and logs stay inside what they are allowed. */
export function checkLimits(member: SimMember): void {
  const { machine, replica, backend, state } = member;
  const { tuning } = machine.world;
  const { storage } = state;
  const kept = replica.appliedIndex - storage.firstIndex();
  // Compaction goes in steps, and behind what is applied in one batch.
  const keptMax = tuning.catchupEntries * 3 + 300;
  const sum = storage.lastIndex() - storage.firstIndex() + 1;
  const { pendingProposals } = replica;
  const { pendingBytes } = backend;
  expectThat(
    kept <= keptMax &&
      sum <= LOG_ENTRIES_MAX &&
      pendingProposals <= PROPOSALS_MAX &&
      pendingBytes <= BUFFER_BYTES_MAX,
    "limits hold",
    () =>
      `${machine.name}: ${sum} entries in memory, ${kept} of them applied, ${keptMax} are ` +
      `allowed; ${pendingProposals} proposals and ${pendingBytes} bytes wait`,
  );
}
