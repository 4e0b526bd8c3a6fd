// SPDX-License-Identifier: Apache-2.0
// Other people's etcdctl against our server (CONFORMANCE_SUBJECT=etcd: against genuine etcd).

import { describe, expect, test } from "vitest";
import { sharedStore } from "../conformance/subjects/store.ts";
import { describeCases } from "../conformance/subjects/subject.ts";
import { sampleOf } from "../harness/thorough.ts";
import { Etcdctl, type EtcdctlProgram, foreignEtcdctls, type Outcome } from "./etcdctl-process.ts";

const programs = foreignEtcdctls();
const programsDue = 2;
if (programs.length < programsDue) {
  const found = programs.map((program) => program.name).join(", ") || "none";
  if (process.env["INTEROP_REQUIRED"] === "1") throw new Error(`etcdctl: only found ${found}`);
  console.log(`etcdctl: only found ${found}, the others are left out`);
}

const ok = (stdout: string): Partial<Outcome> => ({ status: 0, stdout });

describeCases("etcdctl of others", () => {
  const store = sharedStore();

  /** CI takes both. */
  describe.each(sampleOf(programs, 2))("$name", (program: EtcdctlProgram) => {
    const run = (words: string, input = ""): Outcome =>
      new Etcdctl(program, store().server.endpoint).run(words.split(" "), input);

    test("put writes, from words and from standard input", () => {
      expect(run("put a 1")).toMatchObject(ok("OK\n"));
      expect(run("put --prev-kv a 2")).toMatchObject(ok("OK\na\n1\n"));
      expect(run("put b", "from standard input")).toMatchObject(ok("OK\n"));
      expect(run("get b --print-value-only")).toMatchObject(ok("from standard input\n"));
      expect(run("put --ignore-value a")).toMatchObject(ok("OK\n"));
      expect(run("get a")).toMatchObject(ok("a\n2\n"));
    });

    test("put tells why it was refused", () => {
      const { status, stderr } = run("put --ignore-value missing");
      expect(status).not.toBe(0);
      expect(stderr).toContain("etcdserver: key not found");
      const { stderr: lease } = run("put a 1 --lease=1234");
      expect(lease).toContain("etcdserver: requested lease not found");
    });

    test("get selects, sorts and limits", async () => {
      await store().putAll("b", "a", "c", "d");
      expect(run("get a d")).toMatchObject(ok("a\na\nb\nb\nc\nc\n"));
      expect(run("get --from-key c")).toMatchObject(ok("c\nc\nd\nd\n"));
      expect(run("get --prefix --keys-only a")).toMatchObject(ok("a\n\n"));
      expect(run("get a z --limit=2")).toMatchObject(ok("a\na\nb\nb\n"));
      const sorted = run("get a z --sort-by=MODIFY --order=DESCEND --print-value-only");
      expect(sorted).toMatchObject(ok("d\nc\na\nb\n"));
      expect(run("get nothing")).toMatchObject(ok(""));
      expect(run("get a z --write-out=fields").stdout).toContain('"Count" : 4');
      expect(run("get --consistency=s a")).toMatchObject(ok("a\na\n"));
    });

    test("get reads the past, and prints JSON", async () => {
      const [first, second] = await store().putAll("a", "a");
      await store().put("a", "new");
      expect(run(`get a --rev=${second}`)).toMatchObject(ok("a\na\n"));
      const answer = JSON.parse(run("get a --write-out=json").stdout);
      expect(answer).toMatchObject({
        header: { revision: (second ?? 0) + 1 },
        kvs: [{ key: "YQ==", value: "bmV3", create_revision: first, version: 3 }],
        count: 1,
      });
    });

    test("del counts, and gives back what it deleted", async () => {
      await store().putAll("a", "b", "c", "d");
      expect(run("del a")).toMatchObject(ok("1\n"));
      expect(run("del a")).toMatchObject(ok("0\n"));
      expect(run("del --prev-kv b")).toMatchObject(ok("1\nb\nb\n"));
      expect(run("del c z")).toMatchObject(ok("2\n"));
      await store().putAll("p/1", "p/2");
      expect(run("del --prefix p/")).toMatchObject(ok("2\n"));
    });

    test("txn takes the branch that its compares choose", async () => {
      await store().put("a", "1");
      const script = (compare: string): string => `${compare}\n\nput b yes\nget a\n\nput b no\n\n`;
      expect(run("txn", script('value("a") = "1"'))).toMatchObject(ok("SUCCESS\n\nOK\n\na\n1\n"));
      expect(run("get b --print-value-only")).toMatchObject(ok("yes\n"));
      expect(run("txn", script('version("a") > "1"'))).toMatchObject(ok("FAILURE\n\nOK\n"));
      expect(run("get b --print-value-only")).toMatchObject(ok("no\n"));
      expect(run("txn", script('create("b") = "0"'))).toMatchObject(ok("FAILURE\n\nOK\n"));
    });

    test("watch prints the past and what comes", async () => {
      const [first = 0] = await store().putAll("a", "ab");
      const etcdctl = new Etcdctl(program, store().server.endpoint);
      const watch = etcdctl.watch(["--prefix", "a", `--rev=${first}`]);
      try {
        const past = "PUT\na\na\nPUT\nab\nab\n";
        expect(await watch.until("ab\nab\n")).toBe(past);
        await store().put("ac", "later");
        expect(await watch.until("later\n")).toBe(`${past}PUT\nac\nlater\n`);
        await store().del("a");
        expect(await watch.until("DELETE\na\n")).toContain("DELETE\na\n");
      } finally {
        watch.stop();
      }
    });

    test("compaction compacts once", async () => {
      const [first, second] = await store().putAll("a", "a");
      expect(run(`compaction ${second}`)).toMatchObject(ok(`compacted revision ${second}\n`));
      const again = run(`compaction --physical ${second}`);
      expect(again.status).not.toBe(0);
      expect(again.stderr).toContain("etcdserver: mvcc: required revision has been compacted");
      expect(run(`get a --rev=${first}`).stderr).toContain("required revision has been compacted");
      const future = run(`get a --rev=${(second ?? 0) + 100}`);
      expect(future.stderr).toContain("required revision is a future revision");
    });

    test("lease grants, keeps alive, tells, lists and revokes", () => {
      const granted = run("lease grant 100");
      const [, id = ""] = /^lease ([0-9a-f]{16}) granted with TTL\(100s\)\n$/.exec(
        granted.stdout,
      ) ?? ["", ""];
      expect(run(`put --lease=${id} leased v`)).toMatchObject(ok("OK\n"));
      expect(run(`lease keep-alive --once ${id}`)).toMatchObject(
        ok(`lease ${id} keepalived with TTL(100)\n`),
      );
      expect(run(`lease timetolive --keys ${id}`).stdout).toMatch(
        /^lease [0-9a-f]{16} granted with TTL\(100s\), remaining\(\d+s\), attached keys\(\[leased\]\)\n$/,
      );
      expect(run("lease list").stdout).toContain(id);
      expect(run(`lease revoke ${id}`)).toMatchObject(ok(`lease ${id} revoked\n`));
      expect(run("get leased")).toMatchObject(ok(""));
      expect(run(`lease timetolive ${id}`)).toMatchObject(ok(`lease ${id} already expired\n`));
    });

    test("endpoint health", () => {
      const health = run("endpoint health");
      expect(health.status).toBe(0);
      expect(health.stdout + health.stderr).toContain("is healthy");
    });

    test("endpoint status and hashkv", async () => {
      await store().putAll("a");
      const [status] = JSON.parse(run("endpoint status --write-out=json").stdout);
      expect(status).toMatchObject({
        Endpoint: store().server.endpoint,
        Status: { version: "3.7.1", header: { revision: await store().revision() } },
      });
      expect(status.Status.leader).toBe(status.Status.header.member_id);
      const [hash] = JSON.parse(run("endpoint hashkv --write-out=json").stdout);
      expect(hash.HashKV.hash).toBeGreaterThan(0);
      expect(hash.HashKV.header.revision).toBe(await store().revision());
    });

    test("defrag makes the database smaller, and keeps its hash", async () => {
      const first = (words: string) => JSON.parse(run(`${words} -w json`).stdout)[0];
      const size = (): number => first("endpoint status").Status.dbSize;
      const hash = (): number => first("endpoint hashkv").HashKV.hash;
      for (let key = 0; key < 150; key++) await store().put(`key-${key}`, new Uint8Array(20_000));
      run("del --prefix key-");
      const { header } = await store().put("left");
      run(`compaction --physical ${header?.revision}`);
      const before = { size: size(), hash: hash() };
      expect(run("defrag")).toMatchObject({ status: 0, stderr: "" });
      expect(size()).toBeLessThan(before.size / 3);
      expect(hash()).toBe(before.hash);
    });

    test("version names the client", () => {
      expect(run("version").stdout).toMatch(
        /^etcdctl version: 3\.\d+\.\d+\nAPI version: 3\.\d+\n$/,
      );
    });
  });
});
