// SPDX-License-Identifier: Apache-2.0

import { afterEach, expect, test } from "vitest";
import { AlarmType, MaintenanceService } from "../../../src/api/gen/etcdserverpb.ts";
import {
  activate,
  deactivate,
  disarmAll,
  listAlarms,
  memberId,
  SMALL_QUOTA_BYTES,
} from "../subjects/alarms.ts";
import { grant, revoke } from "../subjects/leases.ts";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { everything, op, when } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

const { NOSPACE, CORRUPT, NONE } = AlarmType;
const nobody = 4711n;

function byType(alarms: readonly { memberID: bigint; alarm: AlarmType }[]) {
  return alarms.map(({ memberID, alarm }) => [memberID, alarm]).sort();
}

describeCases("alarms: what they forbid", () => {
  const store = sharedStore();
  afterEach(() => disarmAll(store()));

  test("S-246 without space a txn that may put is refused", async () => {
    await activate(store(), NOSPACE, await memberId(store()));
    const call = store().txn({ success: [op.put("a"), op.put("b")], failure: [op.put("c")] });
    await expectRefusal(call, refused.noSpace);
  });

  test("S-247 without space a txn of deletes and reads succeeds", async () => {
    await store().putAll("a", "b");
    await activate(store(), NOSPACE, await memberId(store()));
    const { succeeded } = await store().txn({ success: [op.del("a"), op.range("b")] });
    expect(succeeded).toBe(true);
    expect(await store().get("a")).toBeUndefined();
  });

  test("S-248 without space a put in either branch refuses a txn, whichever would run", async () => {
    await store().putAll("a");
    await activate(store(), NOSPACE, await memberId(store()));
    const holds = [when.version("a", ">", 0)];
    const runs = store().txn({ compare: holds, success: [op.put("b")], failure: [op.del("a")] });
    await expectRefusal(runs, refused.noSpace);
    const nested = op.txn({ success: [op.put("b")] });
    const waits = store().txn({ compare: holds, success: [op.del("a")], failure: [nested] });
    await expectRefusal(waits, refused.noSpace);
    expect(await store().get("a")).toMatchObject({ key: "a", version: 1 });
  });

  test("S-249 without space deletes, ranges, compactions and defragmentations succeed", async () => {
    const [, last = 0] = await store().putAll("a", "b");
    await activate(store(), NOSPACE, await memberId(store()));
    expect((await store().del("a")).deleted).toBe(1);
    expect((await store().range("\0", everything)).count).toBe(1);
    await store().compact(last);
    await store().client.unary(MaintenanceService.defragment, {});
  });

  test("S-250 without space leases are revoked, not granted", async () => {
    const { ID } = await grant(store(), 60);
    await store().put("a", "v", { lease: ID });
    await activate(store(), NOSPACE, await memberId(store()));
    await expectRefusal(grant(store(), 60), refused.noSpace);
    await revoke(store(), ID);
    expect(await store().get("a")).toBeUndefined();
  });

  test("S-262 a corrupt cluster still serves ranges", async () => {
    await store().putAll("a");
    await activate(store(), CORRUPT, 0n);
    expect((await store().range("a")).count).toBe(1);
    expect((await store().range("a", { serializable: true })).count).toBe(1);
    const call = store().txn({ success: [op.range("a")] });
    expect((await call).succeeded).toBe(true);
  });

  test("S-263 with both alarms a put hears of the corruption", async () => {
    await activate(store(), NOSPACE, nobody);
    await activate(store(), CORRUPT, nobody);
    await expectRefusal(store().put("a"), refused.corrupt);
    await expectRefusal(store().del("a"), refused.corrupt);
    await expectRefusal(store().txn({ success: [op.del("a")] }), refused.corrupt);
    await expectRefusal(store().compact(await store().revision()), refused.corrupt);
    await expectRefusal(grant(store(), 60), refused.corrupt);
    await expectRefusal(revoke(store(), 1n), refused.corrupt);
    await disarmAll(store());
    await store().put("a");
  });
});

describeCases("alarms: raising and taking away", () => {
  const store = sharedStore({ args: [`--quota-backend-bytes=${SMALL_QUOTA_BYTES}`] });
  afterEach(() => disarmAll(store()));

  test("S-253 taking an alarm away gives it, and puts succeed again", async () => {
    const id = await memberId(store());
    await activate(store(), NOSPACE, id);
    await expectRefusal(store().put("a"), refused.noSpace);
    const removed = await deactivate(store(), NOSPACE, id);
    expect(byType(removed)).toEqual([[id, NOSPACE]]);
    await store().put("a");
    expect(await deactivate(store(), NOSPACE, id)).toEqual([]);
  });

  test("S-254 an alarm that is raised twice is there once", async () => {
    const first = await activate(store(), NOSPACE, nobody);
    expect(byType(first)).toEqual([[nobody, NOSPACE]]);
    expect(await activate(store(), NOSPACE, nobody)).toEqual(first);
    expect(await listAlarms(store())).toEqual(first);
  });

  test("S-255 raising an alarm of no type does nothing", async () => {
    expect(await activate(store(), NONE, nobody)).toEqual([]);
    expect(await listAlarms(store())).toEqual([]);
  });

  test("S-256 an alarm for a member that does not exist counts", async () => {
    await activate(store(), NOSPACE, nobody);
    await expectRefusal(store().put("a"), refused.noSpace);
  });

  test("S-257 asking without a type gives all alarms", async () => {
    await activate(store(), NOSPACE, 1n);
    await activate(store(), NOSPACE, 2n);
    await activate(store(), CORRUPT, 1n);
    const all = [
      [1n, NOSPACE],
      [1n, CORRUPT],
      [2n, NOSPACE],
    ];
    expect(byType(await listAlarms(store()))).toEqual(all);
    expect(byType(await listAlarms(store(), CORRUPT))).toEqual([[1n, CORRUPT]]);
  });

  test("S-402 status names each alarm with its member", async () => {
    await activate(store(), NOSPACE, 1n);
    await activate(store(), CORRUPT, nobody);
    const { errors } = await store().client.unary(MaintenanceService.status, {});
    // One space or two: protobuf for Go decides with each of its builds.
    const plain = errors.map((text) => text.replaceAll(/ +/g, " ")).sort();
    expect(plain).toEqual(["memberID:1 alarm:NOSPACE", "memberID:4711 alarm:CORRUPT"]);
  });

  test("O-alarm-1 health fails for an alarm unless it is excluded", async () => {
    const ask = async (query: string): Promise<[number, string]> => {
      const answer = await fetch(`${store().server.url}/health${query}`);
      return [answer.status, (await answer.text()).trim()];
    };
    await activate(store(), NOSPACE, nobody);
    expect(await ask("")).toEqual([503, '{"health":"false","reason":"ALARM NOSPACE"}']);
    expect(await ask("?exclude=NOSPACE")).toEqual([200, '{"health":"true","reason":""}']);
  });
});
