// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import {
  CompactionRequest,
  Compare,
  type Compare_CompareResult,
  Compare_CompareResult as CompareResult,
  Compare_CompareTarget as CompareTarget,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { ClusterMembership } from "../membership/index.ts";
import { KvView, MvccStore } from "../mvcc/index.ts";
import { Applier, type ApplyResult, executeReadTxn, isReadOnly, isSerializable } from "./index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);
const ALL = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };

type Fields<T> = Partial<T>;

function put(key: string, value = "v", more: Fields<PutRequest> = {}): RequestOp {
  const requestPut = PutRequest.create({ key: bytes(key), value: bytes(value), ...more });
  return RequestOp.create({ requestPut });
}

function get(key: string, more: Fields<RangeRequest> = {}): RequestOp {
  const requestRange = RangeRequest.create({ key: bytes(key), ...more });
  return RequestOp.create({ requestRange });
}

function remove(key: string, more: Fields<DeleteRangeRequest> = {}): RequestOp {
  const requestDeleteRange = DeleteRangeRequest.create({ key: bytes(key), ...more });
  return RequestOp.create({ requestDeleteRange });
}

interface Branches {
  readonly compare?: Compare[];
  readonly success?: RequestOp[];
  readonly failure?: RequestOp[];
}

function txn(branches: Branches): TxnRequest {
  return TxnRequest.create(branches);
}

function nested(branches: Branches): RequestOp {
  return RequestOp.create({ requestTxn: txn(branches) });
}

/** Holds when the key's version compares so. */
function version(key: string, count: number, result: Compare_CompareResult = CompareResult.EQUAL) {
  const target = CompareTarget.VERSION;
  return Compare.create({ key: bytes(key), target, result, version: count });
}

/** A result with its pairs as hex, since where they lie in memory does not count. */
function shown(result: ApplyResult): string {
  return JSON.stringify(result, (_, value: unknown) =>
    value instanceof KvView ? Buffer.from(value.bytes).toString("hex") : value,
  );
}

class World {
  readonly #backend = openMemoryBackend(new MemoryDisk());
  readonly store = new MvccStore(this.#backend);
  readonly applier = new Applier(this.store, this.#backend, new ClusterMembership(this.#backend));

  /** A write of its own request each. */
  put(...keys: readonly string[]): this {
    for (const key of keys) this.single(put(key));
    return this;
  }

  single(operation: RequestOp): ApplyResult {
    const { requestPut, requestDeleteRange, requestRange } = operation;
    if (requestPut !== undefined) return this.applier.apply({ kind: "put", put: requestPut }, 0);
    if (requestDeleteRange !== undefined)
      return this.applier.apply({ kind: "deleteRange", deleteRange: requestDeleteRange }, 0);
    return this.applier.apply({ kind: "range", range: requestRange ?? RangeRequest.create({}) }, 0);
  }

  txn(branches: Branches): ApplyResult {
    return this.applier.apply({ kind: "txn", txn: txn(branches) }, 0);
  }

  compact(revision: number): ApplyResult {
    const compaction = CompactionRequest.create({ revision });
    return this.applier.apply({ kind: "compaction", compaction }, 0);
  }

  /** Keys and values as they are, and everything else that must not change on a refusal. */
  get state(): unknown {
    const kvs = this.range(ALL).map((kv) => [text(kv.key), text(kv.value), kv.version]);
    return { kvs, revision: this.store.currentRevision };
  }

  range(request: Fields<RangeRequest>): readonly KvView[] {
    const range = RangeRequest.create(request);
    const result = this.applier.apply({ kind: "range", range }, 0);
    return result.kind === "range" ? result.kvs : [];
  }

  keys(request: Fields<RangeRequest>): string {
    return this.range({ ...ALL, ...request })
      .map((kv) => text(kv.key))
      .join("");
  }

  value(key: string): string | undefined {
    const [kv] = this.range({ key: bytes(key) });
    return kv === undefined ? undefined : text(kv.value);
  }
}

describe("a transaction", () => {
  test("that writes several keys takes one revision", () => {
    const world = new World();
    const result = world.txn({ success: [put("a"), put("b"), remove("a")] });
    expect(result).toMatchObject({ kind: "txn", succeeded: true, revision: 2 });
    const events = world.applier.takeEvents().map((e) => [e.kind, text(e.key), e.main, e.sub]);
    expect(events).toEqual([
      ["put", "a", 2, 0],
      ["put", "b", 2, 1],
      ["delete", "a", 2, 2],
    ]);
    expect(world.applier.takeEvents()).toEqual([]);
  });

  test("that changes nothing takes none", () => {
    const world = new World().put("a");
    const result = world.txn({ success: [get("a"), remove("none")] });
    expect(result).toMatchObject({ revision: 2, succeeded: true });
    expect(world.store.currentRevision).toBe(2);
  });

  test("takes the failure branch when one compare of several does not hold", () => {
    const world = new World().put("a");
    const result = world.txn({
      compare: [version("a", 1), version("b", 1)],
      success: [put("taken", "success")],
      failure: [put("taken", "failure")],
    });
    expect(result).toMatchObject({ succeeded: false });
    expect(world.value("taken")).toBe("failure");
  });

  test("reads its own writes, with the revision that they will have", () => {
    const world = new World().put("a");
    const result = world.txn({ success: [get("a"), put("a", "new"), get("a")] });
    const read = result.kind === "txn" ? result.responses : [];
    const shown = read.map((each) =>
      each.kind === "range"
        ? [each.revision, ...each.kvs.map((kv) => text(kv.value))]
        : each.revision,
    );
    expect(shown).toEqual([[2, "v"], 3, [3, "new"]]);
  });

  test("decides nested compares on the state before the whole request", () => {
    const world = new World();
    const result = world.txn({
      success: [
        put("a"),
        nested({ compare: [version("a", 0)], success: [put("seen", "before")], failure: [] }),
      ],
    });
    expect(world.value("seen")).toBe("before");
    const inner = result.kind === "txn" ? result.responses[1] : undefined;
    expect(inner).toMatchObject({ kind: "txn", succeeded: true, revision: 0 });
    expect(world.store.currentRevision).toBe(2);
  });

  const refusals: readonly [string, RequestOp, string][] = [
    [
      "a put that keeps the value of a missing key",
      put("no", "", { ignoreValue: true }),
      "keyNotFound",
    ],
    [
      "a put that keeps the lease of a missing key",
      put("no", "", { ignoreLease: true }),
      "keyNotFound",
    ],
    ["a lease that does not exist", put("x", "", { lease: 77n }), "leaseNotFound"],
    ["a read of the future", get("a", { revision: 99 }), "futureRevision"],
    ["a read of what was compacted", get("a", { revision: 1 }), "compacted"],
  ];
  test.each(refusals)(
    "with %s changes nothing, not even what stands before it",
    (_, bad, error) => {
      const world = new World().put("a", "a", "a");
      world.compact(3);
      world.applier.takeEvents();
      const before = world.state;
      expect(world.txn({ success: [put("b"), bad] })).toEqual({ kind: "error", error });
      expect(world.txn({ success: [put("b"), nested({ success: [bad] })] })).toEqual({
        kind: "error",
        error,
      });
      expect(world.state).toEqual(before);
      expect(world.applier.takeEvents()).toEqual([]);
    },
  );

  test("does not mind what its other branch holds", () => {
    const world = new World();
    const bad = put("no", "", { ignoreValue: true });
    expect(world.txn({ success: [put("a")], failure: [bad] }).kind).toBe("txn");
  });

  test("of reads gives the same answer outside the log", () => {
    const world = new World().put("a", "b");
    const branches = {
      compare: [version("a", 1)],
      success: [get("a"), nested({ success: [get("b")] })],
      failure: [],
    };
    expect(shown(executeReadTxn(world.store, txn(branches)))).toBe(shown(world.txn(branches)));
    const future = txn({ success: [get("a", { revision: 9 })] });
    expect(executeReadTxn(world.store, future)).toEqual({ kind: "error", error: "futureRevision" });
  });
});

describe("a compare", () => {
  const { EQUAL, GREATER, LESS, NOT_EQUAL } = CompareResult;
  const holds = (compare: Fields<Compare>): boolean => {
    const world = new World().put("a", "b", "b");
    const result = world.txn({ compare: [Compare.create(compare)] });
    return result.kind === "txn" && result.succeeded;
  };

  // Key a was made at revision 2; b at 3 and changed at 4.
  const b = bytes("b");
  test.each([
    ["value", { key: b, target: CompareTarget.VALUE, value: bytes("v") }, [EQUAL]],
    [
      "a smaller value",
      { key: b, target: CompareTarget.VALUE, value: bytes("u") },
      [GREATER, NOT_EQUAL],
    ],
    [
      "a longer value",
      { key: b, target: CompareTarget.VALUE, value: bytes("vv") },
      [LESS, NOT_EQUAL],
    ],
    ["version", { key: b, target: CompareTarget.VERSION, version: 2 }, [EQUAL]],
    [
      "create revision",
      { key: b, target: CompareTarget.CREATE, createRevision: 4 },
      [LESS, NOT_EQUAL],
    ],
    ["mod revision", { key: b, target: CompareTarget.MOD, modRevision: 3 }, [GREATER, NOT_EQUAL]],
    ["lease", { key: b, target: CompareTarget.LEASE, lease: 1n }, [LESS, NOT_EQUAL]],
  ])("of the %s holds for the right operators only", (_, compare, right) => {
    const all = [EQUAL, GREATER, LESS, NOT_EQUAL];
    expect(all.filter((result) => holds({ ...compare, result }))).toEqual(right);
  });

  test("with a missing key sees zeros, but no value at all", () => {
    const none = bytes("none");
    expect(holds({ key: none, target: CompareTarget.VERSION, result: EQUAL })).toBe(true);
    expect(holds({ key: none, target: CompareTarget.CREATE, result: EQUAL })).toBe(true);
    const anyValue = { key: none, target: CompareTarget.VALUE };
    expect(holds({ ...anyValue, result: EQUAL })).toBe(false);
    expect(holds({ ...anyValue, result: NOT_EQUAL, value: bytes("x") })).toBe(false);
  });

  test("of a range holds when it holds for every key in it", () => {
    const both = { ...ALL, target: CompareTarget.VERSION };
    expect(holds({ ...both, result: GREATER, version: 0 })).toBe(true);
    expect(holds({ ...both, result: GREATER, version: 1 })).toBe(false);
  });
});

describe("a put", () => {
  test("can keep value or lease, and give back what was there", () => {
    const world = new World();
    world.single(put("a", "old"));
    const kept = world.single(put("a", "", { ignoreValue: true, prevKv: true }));
    expect(kept).toMatchObject({ kind: "put", revision: 3 });
    expect(kept.kind === "put" && kept.previous && text(kept.previous.value)).toBe("old");
    expect(world.value("a")).toBe("old");
    world.single(put("a", "new", { ignoreLease: true }));
    expect(world.value("a")).toBe("new");
    expect(world.single(put("a"))).toMatchObject({ previous: undefined });
  });
});

describe("a deletion", () => {
  test("takes a revision only if something was there, and counts once per key", () => {
    const world = new World().put("a", "b", "c");
    expect(world.single(remove("x"))).toMatchObject({ deleted: 0, revision: 4, previous: [] });
    const range = remove("a", { rangeEnd: bytes("c"), prevKv: true });
    const deleted = world.single(range);
    expect(deleted).toMatchObject({ deleted: 2, revision: 5 });
    const previous = deleted.kind === "deleteRange" ? deleted.previous : [];
    expect(previous.map((kv) => text(kv.key))).toEqual(["a", "b"]);
    expect(world.keys({})).toBe("c");
  });
});

describe("a range", () => {
  // Versions: a 1, b 3, c 2. Created: a 2, b 3, c 4. Changed: a 2, b 7, c 5.
  const world = new World().put("a", "b", "c", "c", "b", "b");

  test.each([
    ["KEY descending", { sortOrder: SortOrder.DESCEND, sortTarget: SortTarget.KEY }, "cba"],
    ["VERSION", { sortOrder: SortOrder.ASCEND, sortTarget: SortTarget.VERSION }, "acb"],
    ["MOD", { sortOrder: SortOrder.DESCEND, sortTarget: SortTarget.MOD }, "bca"],
    ["CREATE", { sortOrder: SortOrder.DESCEND, sortTarget: SortTarget.CREATE }, "cba"],
    ["VERSION without an order, which ascends", { sortTarget: SortTarget.VERSION }, "acb"],
  ])("is sorted by %s", (_, request, keys) => {
    expect(world.keys(request)).toBe(keys);
  });

  test.each([
    ["minModRevision", { minModRevision: 5 }, "bc"],
    ["maxModRevision", { maxModRevision: 5 }, "ac"],
    ["minCreateRevision", { minCreateRevision: 3 }, "bc"],
    ["maxCreateRevision", { maxCreateRevision: 3 }, "ab"],
  ])("is filtered by %s, both ends included", (_, request, keys) => {
    expect(world.keys(request)).toBe(keys);
  });

  test("applies its limit after filters and order, and says that there is more", () => {
    const request = { ...ALL, sortOrder: SortOrder.DESCEND, limit: 2, maxModRevision: 6 };
    expect(world.keys(request)).toBe("ca");
    const range = (limit: number) =>
      world.single(RequestOp.create({ requestRange: RangeRequest.create({ ...ALL, limit }) }));
    expect(range(2)).toMatchObject({ more: true, count: 3 });
    expect(range(3)).toMatchObject({ more: false, count: 3 });
  });

  test("of an earlier revision sees that state, with today's header", () => {
    const past = RangeRequest.create({ ...ALL, revision: 3 });
    const result = world.single(RequestOp.create({ requestRange: past }));
    expect(result).toMatchObject({ kind: "range", count: 2, revision: 7 });
    expect(world.single(get("a", { revision: 8 }))).toEqual({
      kind: "error",
      error: "futureRevision",
    });
  });

  test("of keys only keeps the lease out unless it sorts by value", () => {
    const projection = (more: Fields<RangeRequest>): unknown =>
      Reflect.get(world.single(get("a", more)), "projection");
    expect(projection({})).toBe("full");
    expect(projection({ keysOnly: true })).toBe("indexOnly");
    expect(projection({ keysOnly: true, sortTarget: SortTarget.VALUE })).toBe("withoutValue");
  });
});

test("a compaction is refused in the future and where one was already", () => {
  const world = new World().put("a", "a", "a");
  expect(world.compact(9)).toEqual({ kind: "error", error: "futureRevision" });
  expect(world.compact(3)).toEqual({ kind: "compaction", revision: 4 });
  expect(world.compact(3)).toEqual({ kind: "error", error: "compacted" });
  expect(world.single(get("a", { revision: 2 }))).toEqual({ kind: "error", error: "compacted" });
});

test("what reads only and what is serializable is decided at every depth, in both branches", () => {
  const local = get("a", { serializable: true });
  expect(isReadOnly(txn({ success: [local], failure: [nested({ success: [get("b")] })] }))).toBe(
    true,
  );
  expect(isReadOnly(txn({ failure: [nested({ failure: [put("b")] })] }))).toBe(false);
  expect(isReadOnly(txn({ success: [remove("b")] }))).toBe(false);
  expect(isSerializable(txn({ success: [local, nested({ success: [local] })] }))).toBe(true);
  expect(isSerializable(txn({ success: [local], failure: [get("b")] }))).toBe(false);
});

describe("leases", () => {
  const granted = (world: World, id: bigint, ttl = 100): ApplyResult =>
    world.applier.apply({ kind: "leaseGrant", grant: { ID: id, TTL: ttl } }, 0);
  const revoked = (world: World, id: bigint): ApplyResult =>
    world.applier.apply({ kind: "leaseRevoke", id }, 0);

  test("are granted once, and answer with the store's revision", () => {
    const world = new World().put("a");
    expect(granted(world, 7n)).toEqual({ kind: "leaseGrant", id: 7n, ttl: 100, storeRevision: 2 });
    expect(granted(world, 7n)).toEqual({ kind: "error", error: "leaseExists" });
    expect(granted(world, 8n, 9_000_000_001)).toEqual({ kind: "error", error: "leaseTtlTooLarge" });
  });

  test("take their keys along when revoked, in byte order and one revision", () => {
    const world = new World();
    granted(world, 7n);
    for (const key of ["c", "a", "b"]) world.single(put(key, "v", { lease: 7n }));
    world.put("free", "b");
    world.applier.takeEvents();
    expect(revoked(world, 7n)).toEqual({ kind: "leaseRevoke", storeRevision: 7 });
    const events = world.applier.takeEvents().map((e) => [e.kind, text(e.key), e.main, e.sub]);
    expect(events).toEqual([
      ["delete", "a", 7, 0],
      ["delete", "c", 7, 1],
    ]);
    expect(world.keys({})).toBe("bfree");
    expect(revoked(world, 7n)).toEqual({ kind: "error", error: "leaseNotFound" });
  });

  test("without keys take no revision when revoked", () => {
    const world = new World().put("a");
    granted(world, 7n);
    expect(revoked(world, 7n)).toEqual({ kind: "leaseRevoke", storeRevision: 2 });
    expect(world.put("b").state).toMatchObject({ revision: 3 });
  });

  test("that do not exist forbid a put, before a missing key does, and a whole transaction", () => {
    const world = new World();
    const refused = { kind: "error", error: "leaseNotFound" };
    expect(world.single(put("k", "", { lease: 1n, ignoreValue: true }))).toEqual(refused);
    const inner = nested({ success: [put("c", "v", { lease: 1n })] });
    expect(world.txn({ success: [put("a"), inner] })).toEqual(refused);
    expect(world.state).toEqual({ kvs: [], revision: 1 });
  });

  test("move with their keys inside of a transaction, the last put deciding", () => {
    const world = new World();
    for (const id of [1n, 2n]) granted(world, id);
    world.txn({ success: [put("k", "v", { lease: 1n }), put("l", "v", { lease: 1n })] });
    world.txn({
      success: [put("l", "w", { lease: 2n }), remove("k"), put("k", "v", { lease: 2n })],
    });
    revoked(world, 1n);
    expect(world.keys({})).toBe("kl");
    revoked(world, 2n);
    expect(world.keys({})).toBe("");
  });

  test("keep what a checkpoint says, and pass over those that are gone", () => {
    const world = new World();
    granted(world, 1n);
    const checkpoints = [
      { ID: 9n, remainingTTL: 5 },
      { ID: 1n, remainingTTL: 40 },
    ];
    world.applier.apply({ kind: "leaseCheckpoint", checkpoint: { checkpoints } }, 0);
    world.applier.lead(true, 0);
    expect(world.applier.leases.get(1n)).toMatchObject({ remainingTtl: 40, expiryMs: 41_000 });
  });
});
