// SPDX-License-Identifier: Apache-2.0
//
// What a member still takes that has committed far more than it has applied: here one whose store
// was lost, before its first turn.

import { expect, test } from "vitest";
import { LeaseRevokeRequest } from "../../src/api/gen/etcdserverpb.ts";
import { MemoryDisk } from "../../src/core/backend/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { SimClock } from "../harness/sim-clock.ts";
import { SimDisk } from "../harness/sim-disk.ts";
import { SimMember } from "../harness/sim-member.ts";

/** More than the gap that other requests are taken in, less than that of those with priority. */
const BEHIND = 5100;
const FAR_BEHIND = 10_100;

/** A member that has all that entries to apply, none of which its store holds. */
function memberBehind(entries: number, priorityRequests: boolean): SimMember {
  const disk = new SimDisk();
  const clock = new SimClock();
  const world = () => ({
    ...{ disk, clock, store: new MemoryDisk(), random: new SeededRandom(1) },
    priorityRequests,
  });
  const before = new SimMember(world());
  before.settle();
  for (let at = 0; at < entries; at++) before.put("key", `${at}`);
  before.settle();
  disk.killProcess();
  // Numbers of requests begin with the time.
  clock.advance(1000);
  return new SimMember(world());
}

function revoke(member: SimMember) {
  return member.propose("leaseRevoke", LeaseRevokeRequest.encode({ ID: 7n }));
}

test("S-013 a lease may be revoked when other requests are refused, up to a limit", () => {
  const member = memberBehind(BEHIND, true);
  const [put, end] = [member.put("key", "more"), revoke(member)];
  expect(put.outcome).toEqual({ kind: "refused" });
  expect(end.outcome).toBeUndefined();
  member.settle();
  expect(end.outcome).toEqual({ kind: "error", error: "leaseNotFound" });
  expect(revoke(memberBehind(FAR_BEHIND, true)).outcome).toEqual({ kind: "refused" });
});

test("without the gate it is refused like any other", () => {
  const member = memberBehind(BEHIND, false);
  expect(revoke(member).outcome).toEqual({ kind: "refused" });
  member.settle();
  expect(member.put("key", "more").outcome).toBeUndefined();
  expect(revoke(member).outcome).toBeUndefined();
});
