// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { type AlarmMember, AlarmType } from "../../../src/api/gen/etcdserverpb.ts";
import { freePort } from "../../harness/free-port.ts";
import { ServerProcess } from "../../harness/server-process.ts";
import { activate, listAlarms, memberId } from "../subjects/alarms.ts";
import { grant, keysOfLease, leaseIds } from "../subjects/leases.ts";
import { everything, pair } from "../subjects/requests.ts";
import { Store, withFreshStore } from "../subjects/store.ts";
import { describeCases, subjectCommand } from "../subjects/subject.ts";

/** Runs `before` on a fresh server, kills it at once, and runs `after` on it again. */
async function overKill(
  before: (store: Store) => Promise<void>,
  after: (store: Store) => Promise<void>,
): Promise<void> {
  await withFreshStore(async (store) => {
    await before(store);
    await store.server.kill("SIGKILL");
    const { dataDir, ports } = store.server;
    const again = await Store.open({ dataDir, ports });
    try {
      await after(again);
    } finally {
      await again.close();
    }
  });
}

describeCases("restarts", () => {
  test("S-518 a confirmed put survives a kill right behind it, with its revisions", async () => {
    let confirmed: number[] = [];
    let member = 0n;
    await overKill(
      async (store) => {
        confirmed = await store.putAll("a", "b", "a");
        member = await memberId(store);
      },
      async (store) => {
        const [first, second, third] = confirmed;
        const { kvs, header } = await store.range("\0", everything);
        expect(header).toMatchObject({ memberId: member, revision: third });
        expect(kvs.map(pair)).toMatchObject([
          { key: "a", value: "a", createRevision: first, modRevision: third, version: 2 },
          { key: "b", value: "b", createRevision: second, modRevision: second, version: 1 },
        ]);
      },
    );
  });

  test("S-521 an alarm is kept", async () => {
    let raised: readonly AlarmMember[] = [];
    await overKill(
      async (store) => {
        raised = await activate(store, AlarmType.NOSPACE, await memberId(store));
        expect(raised).toHaveLength(1);
      },
      async (store) => expect(await listAlarms(store)).toEqual(raised),
    );
  });

  test("S-522 a data directory in use is not given to another server", () =>
    withFreshStore(async (store) => {
      await store.putAll("a");
      const { dataDir } = store.server;
      const ports = { client: await freePort(), peer: await freePort() };
      // Genuine etcd waits for the lock for good, so being killed is an answer too.
      const second = await ServerProcess.runToEnd(subjectCommand(), { dataDir, ports }).then(
        async (server) => (await server.exited()).code,
        () => "waits" as const,
      );
      expect(second).not.toBe(0);
      await store.putAll("b");
      expect((await store.range("\0", everything)).count).toBe(2);
    }));

  test("S-524 every key has the lease it had, and every lease its keys", async () => {
    const leaseCount = 50;
    const keysPerLease = 10;
    const ids = Array.from({ length: leaseCount }, (_, index) => BigInt(index + 1));
    const keysOf = (id: bigint): string[] =>
      Array.from({ length: keysPerLease }, (_, index) => `k${id}-${index}`).sort();
    await overKill(
      async (store) => {
        for (const id of ids) {
          await grant(store, 1000, id);
          await Promise.all(keysOf(id).map((key) => store.put(key, "v", { lease: id })));
        }
      },
      async (store) => {
        const { kvs } = await store.range("\0", everything);
        expect(kvs).toHaveLength(leaseCount * keysPerLease);
        for (const kv of kvs) expect(pair(kv)?.key).toMatch(new RegExp(`^k${kv.lease}-`));
        expect((await leaseIds(store)).sort()).toEqual([...ids].sort());
        for (const id of ids) expect(await keysOfLease(store, id)).toEqual(keysOf(id));
      },
    );
  });
});
