// SPDX-License-Identifier: Apache-2.0

import { BUFFER_BYTES_MAX } from "../../../src/core/backend/index.ts";
import { expectThat } from "../failure.ts";
import type { Member } from "../member.ts";

/** Proposals that the clients of a run can have open at one member, with room to spare. */
const PROPOSALS_MAX = 200;

/** Memory, queues and logs stay inside what they are allowed. */
export function checkLimits(member: Member): void {
  const { machine, replica, backend, state } = member;
  const { tuning } = machine.world;
  const { storage } = state;
  const { applied } = member.raft.basicStatus();
  const kept = applied - storage.firstIndex();
  // Compaction goes in steps, and behind what is applied in one batch.
  const keptMax = tuning.catchupEntries * 3 + 300;
  const check = (holds: boolean, what: string): void =>
    expectThat(holds, "limits hold", () => `${machine.name}: ${what}`);
  check(kept <= keptMax, `${kept} applied entries in memory, ${keptMax} are allowed`);
  check(replica.pendingProposals <= PROPOSALS_MAX, `${replica.pendingProposals} proposals wait`);
  check(backend.pendingBytes <= BUFFER_BYTES_MAX, `${backend.pendingBytes} bytes wait`);
}
