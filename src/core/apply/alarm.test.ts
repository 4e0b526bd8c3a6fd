// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  AlarmRequest_AlarmAction as AlarmAction,
  AlarmRequest,
  AlarmType,
  CompactionRequest,
  DeleteRangeRequest,
  LeaseGrantRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { ClusterMembership } from "../membership/index.ts";
import { MvccStore } from "../mvcc/index.ts";
import { Applier, type ApplyResult, type Request, type SpaceQuota, spaceCost } from "./index.ts";

const { NOSPACE, CORRUPT } = AlarmType;
const key = Buffer.from("key");
const value = Buffer.from("value");
const put: Request = { kind: "put", put: PutRequest.create({ key, value }) };
const grant: Request = { kind: "leaseGrant", grant: LeaseGrantRequest.create({ ID: 1n, TTL: 60 }) };
const remove: Request = {
  kind: "deleteRange",
  deleteRange: DeleteRangeRequest.create({ key }),
};

function txn(success: RequestOp[], failure: RequestOp[] = []): Request {
  return { kind: "txn", txn: TxnRequest.create({ success, failure }) };
}

const putOp = RequestOp.create({ requestPut: PutRequest.create({ key, value }) });
const deleteOp = RequestOp.create({ requestDeleteRange: DeleteRangeRequest.create({ key }) });
const nestedPutOp = RequestOp.create({ requestTxn: TxnRequest.create({ failure: [putOp] }) });

function applierWith(quota?: SpaceQuota): { applier: Applier; store: MvccStore } {
  const backend = openMemoryBackend(new MemoryDisk());
  const store = new MvccStore(backend);
  const options = quota === undefined ? {} : { quota };
  return { applier: new Applier(store, backend, new ClusterMembership(backend), options), store };
}

function raise(applier: Applier, alarm: AlarmType): ApplyResult {
  const request = AlarmRequest.create({ action: AlarmAction.ACTIVATE, memberID: 9n, alarm });
  return applier.apply({ kind: "alarm", alarm: request }, 0);
}

test("a put costs 256 bytes beside key and value, a grant 64, the rest nothing", () => {
  expect(spaceCost(put)).toBe(256 + 3 + 5);
  expect(spaceCost(grant)).toBe(64);
  expect(spaceCost(remove)).toBe(0);
  expect(spaceCost({ kind: "leaseRevoke", id: 1n })).toBe(0);
});

test("a transaction costs what its larger branch does, with what is nested in it", () => {
  expect(spaceCost(txn([putOp, deleteOp], [putOp, putOp]))).toBe(2 * 264);
  expect(spaceCost(txn([nestedPutOp, putOp]))).toBe(2 * 264);
  expect(spaceCost(txn([deleteOp]))).toBe(0);
});

test("without space whatever may grow the store is refused, and nothing else", () => {
  const { applier } = applierWith();
  raise(applier, NOSPACE);
  for (const request of [put, grant, txn([deleteOp], [nestedPutOp])]) {
    expect(applier.apply(request, 0)).toEqual({ kind: "error", error: "noSpace" });
  }
  expect(applier.apply(remove, 0).kind).toBe("deleteRange");
  expect(applier.apply(txn([deleteOp]), 0).kind).toBe("txn");
});

test("with data that differ nothing that touches keys or leases is done", () => {
  const { applier, store } = applierWith();
  applier.apply(put, 0);
  raise(applier, CORRUPT);
  const range: Request = { kind: "range", range: RangeRequest.create({ key }) };
  const compaction = CompactionRequest.create({ revision: 2 });
  const refused: Request[] = [
    put,
    grant,
    remove,
    range,
    txn([]),
    { kind: "leaseRevoke", id: 1n },
    { kind: "compaction", compaction },
  ];
  for (const request of refused) {
    expect(applier.apply(request, 0)).toEqual({ kind: "error", error: "corrupt" });
  }
  expect(store.currentRevision).toBe(2);
  expect(applier.apply({ kind: "clusterVersionSet", version: "3.7.0" }, 0).kind).toBe("done");
});

test("an alarm that is taken away no longer forbids anything", () => {
  const { applier } = applierWith();
  raise(applier, NOSPACE);
  const { DEACTIVATE: action } = AlarmAction;
  const alarm = AlarmRequest.create({ action, memberID: 9n, alarm: NOSPACE });
  expect(applier.apply({ kind: "alarm", alarm }, 0)).toEqual({
    kind: "alarm",
    alarms: [{ memberID: 9n, alarm: NOSPACE }],
  });
  expect(applier.apply(put, 0).kind).toBe("put");
});

test("an unknown action changes nothing", () => {
  const { applier } = applierWith();
  const alarm = AlarmRequest.create({ action: 7, memberID: 9n, alarm: NOSPACE });
  expect(applier.apply({ kind: "alarm", alarm }, 0)).toEqual({ kind: "alarm", alarms: [] });
  expect(applier.alarms.size).toBe(0);
});

test("what has no room is applied all the same, and told once", () => {
  const { applier, store } = applierWith({ hasRoomFor: (cost) => cost < 264 });
  applier.apply(grant, 0);
  expect(applier.takeOverQuota()).toBe(false);
  expect(applier.apply(put, 0).kind).toBe("put");
  expect(store.currentRevision).toBe(2);
  expect([applier.takeOverQuota(), applier.takeOverQuota()]).toEqual([true, false]);
});
