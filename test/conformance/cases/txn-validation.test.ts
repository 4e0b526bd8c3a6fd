// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import type { RequestOp, TxnRequest } from "../../../src/api/gen/etcdserverpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";
import { expectRefusal, type Refusal, refused } from "../subjects/refusal.ts";
import { op, when } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

type Op = Init<RequestOp>;

function puts(count: number): Op[] {
  return Array.from({ length: count }, (_, index) => op.put(`k${index}`));
}

const noKey: readonly Op[] = [op.put(""), op.range(""), op.del("")];
const deep = (inner: Op): Op => op.txn({ success: [op.txn({ failure: [inner] })] });

describeCases("what a txn may not be", () => {
  const store = sharedStore();

  async function expectUntouched(txn: Init<TxnRequest>, wanted: Refusal): Promise<void> {
    const before = await store().revision();
    await expectRefusal(store().txn(txn), wanted);
    expect(await store().revision()).toBe(before);
  }

  describe("too many operations", () => {
    test("S-089 129 operations in one branch are too many, 128 are not", async () => {
      await expectUntouched({ success: puts(129) }, refused.tooManyOps);
      await expectUntouched({ failure: puts(129) }, refused.tooManyOps);
      expect((await store().txn({ success: puts(128) })).responses).toHaveLength(128);
    });

    test("S-090 129 compares are too many, 128 are not", async () => {
      const compares = (count: number) =>
        Array.from({ length: count }, () => when.version("k", "=", 0));
      await expectUntouched({ compare: compares(129) }, refused.tooManyOps);
      expect((await store().txn({ compare: compares(128) })).succeeded).toBe(true);
    });

    test("S-091 a nested txn only gets what the outer lists leave over", async () => {
      const nested = op.txn({ success: [op.put("n")] });
      await expectUntouched({ success: [...puts(127), nested] }, refused.tooManyOps);
      await store().txn({ success: [...puts(126), nested] });
    });
  });

  describe("missing keys and bad operations", () => {
    test("S-093 a compare without a key", () =>
      expectUntouched({ compare: [when.version("", "=", 0)] }, refused.noKey));

    test.each(noKey)(
      "S-094 an operation without a key, in any branch and depth: %j",
      async (bad) => {
        await expectUntouched({ success: [op.put("k"), bad] }, refused.noKey);
        await expectUntouched({ failure: [bad] }, refused.noKey);
        await expectUntouched({ success: [deep(bad)] }, refused.noKey);
      },
    );

    test("S-095 a put that keeps the value and gives one", () => {
      const bad = op.put("k", "v", { ignoreValue: true });
      return expectUntouched({ success: [op.put("a"), bad] }, refused.valueGiven);
    });

    test("O-txn-1 a put that keeps the lease and gives one", () => {
      const bad = op.put("k", "v", { ignoreLease: true, lease: 1n });
      return expectUntouched({ success: [op.put("a"), bad] }, refused.leaseGiven);
    });

    test("S-096 a range with a sort order that does not exist", () =>
      expectUntouched({ success: [op.range("k", { sortOrder: 9 })] }, refused.badSort));
  });

  describe("the same key twice", () => {
    const duplicates: readonly (readonly [string, readonly Op[]])[] = [
      ["S-097 two puts of a key", [op.put("k"), op.put("k")]],
      ["S-098 a put and then a delete over it", [op.put("k"), op.del("a", { rangeEnd: "z" })]],
      ["S-098 a delete and then a put into it", [op.del("a", { rangeEnd: "z" }), op.put("k")]],
      ["S-100 a put and a nested put", [op.put("k"), op.txn({ success: [op.put("k")] })]],
      ["S-100 a put and one nested if not", [op.txn({ failure: [op.put("k")] }), op.put("k")]],
      [
        "S-102 two nested txns that both may put",
        [op.txn({ success: [op.put("k")] }), op.txn({ failure: [op.put("k")] })],
      ],
      [
        "S-103 a put and a nested delete over it",
        [op.put("k"), op.txn({ success: [op.del("a", { rangeEnd: "z" })] })],
      ],
      [
        "S-143 a nested delete and then a nested put",
        [op.txn({ success: [op.del("k")] }), op.txn({ success: [op.put("k")] })],
      ],
    ];

    test.each(duplicates)("%s is refused", async (_, success) => {
      await expectUntouched({ success }, refused.duplicateKey);
    });

    test("S-106 the branch that would not run is checked too", async () => {
      const twice = [op.put("k"), op.put("k")];
      await expectUntouched({ success: [op.put("a")], failure: twice }, refused.duplicateKey);
      const never = [when.version("a", ">", 1_000_000)];
      await expectUntouched({ compare: never, success: twice }, refused.duplicateKey);
    });

    test("S-099 one put in each branch is fine", async () => {
      const branch = [op.put("k")];
      expect((await store().txn({ success: branch, failure: branch })).succeeded).toBe(true);
    });

    test("S-101 one put in each branch of a nested txn is fine", async () => {
      const nested = op.txn({ success: [op.put("k")], failure: [op.put("k")] });
      expect((await store().txn({ success: [nested] })).succeeded).toBe(true);
    });

    test("S-104 reading a key that is written is fine", async () => {
      const success = [op.range("k"), op.put("k"), op.range("k")];
      expect((await store().txn({ success })).responses).toHaveLength(3);
    });
  });

  test("S-105 an empty txn succeeds and answers nothing", async () => {
    const { succeeded, responses } = await store().txn({});
    expect({ succeeded, responses }).toEqual({ succeeded: true, responses: [] });
  });
});

describeCases("a server that allows fewer operations", () => {
  const store = sharedStore({ args: ["--max-txn-ops=4"] });

  test("S-092 the number of operations follows its flag", async () => {
    await expectRefusal(store().txn({ success: puts(5) }), refused.tooManyOps);
    await store().txn({ success: puts(4) });
  });
});
