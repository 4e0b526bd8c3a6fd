// SPDX-License-Identifier: Apache-2.0

/**
 * `watch -i` of our client program beside the genuine one, line by line: each has a genuine server
 * of its own with the same history, and is shown the next line when it has answered the last.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { genuineCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import type { Outcome } from "./run-ctl.ts";
import { Typist } from "./typist.ts";

const etcdctl = join(import.meta.dirname, "../interop/bin/etcdctl");
const ours = [process.execPath, join(import.meta.dirname, "../../bin/etcdctl")];
const command = genuineCommand();
const available = command !== undefined && existsSync(etcdctl);
if (!available) console.log("interactive-watch: left out, test/interop/bin is not built");

/** A line to type, a key to write, or a text to wait for on either output. */
type Step = { readonly type: string } | { readonly put: string } | { readonly until: string };

interface Scenario {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const type = (line: string): Step => ({ type: line });
const put = (pair: string): Step => ({ put: pair });
const until = (text: string): Step => ({ until: text });

/** Waits until the watch of the line before is there: lines are read one after the other. */
const settle: readonly Step[] = [type("settled?"), until("settled?")];

const scenarios: readonly Scenario[] = [
  {
    name: "lines that are no command",
    steps: [type(""), type("   "), type("foo bar"), type("get a"), ...settle],
  },
  {
    name: "a watch without a key",
    steps: [type("watch"), type("watch -- echo"), type("watch a b --prefix"), ...settle],
  },
  {
    name: "two watches and their progress",
    steps: [
      type("watch a"),
      type("progress"),
      until("progress notify"),
      type("watch 'b c' --prev-kv --prefix"),
      ...settle,
      put("a=1"),
      until("a\n1\n"),
      put("b c=2"),
      until("b c\n2\n"),
      put("b cd=3"),
      until("b cd\n3\n"),
      put("b c=4"),
      until("b c\n4\n"),
    ],
  },
  {
    name: "progress before any watch",
    steps: [type("progress"), type("watch a"), ...settle, put("a=p"), until("a\np\n")],
  },
  {
    name: "words in quotes",
    steps: [type('watch "q\\x71" "r"'), ...settle, put("qqq=1"), until("qqq\n1\n")],
  },
  { name: "wrong escapes", steps: [type('watch "a\\q"'), until("Error")] },
  { name: "an unknown flag", steps: [type("watch a --nosuch"), until("Error")] },
  { name: "a flag with a wrong value", steps: [type("watch a --rev x"), until("Error")] },
  { name: "help", steps: [type("watch --help"), until("Error")] },
  { name: "a separator without a command", steps: [type("watch a --"), until("Error")] },
  { name: "a separator alone", steps: [type("watch --"), until("Error")] },
  {
    name: "each line has its own flags",
    flags: ["--prefix", "--rev", "1"],
    steps: [type("watch f"), ...settle, put("fg=1"), put("f=2"), until("f\n2\n")],
  },
  {
    name: "from a revision on",
    steps: [put("h=1"), type("watch h --rev 1"), until("h\n1\n"), put("h=2"), until("h\n2\n")],
  },
  {
    name: "a range that is empty",
    steps: [type("watch b a"), until("watch was canceled"), type("watch i"), ...settle],
  },
  {
    name: "a format that does not exist for a watch",
    flags: ["-w", "table"],
    steps: [type("watch j"), ...settle, put("j=1"), until("Error")],
  },
  {
    name: "as JSON",
    flags: ["-w", "json"],
    steps: [
      type("watch l"),
      type("progress"),
      until("Canceled"),
      put("l=1"),
      until("bA=="),
      type("watch b a"),
      until("watch was canceled"),
    ],
  },
  {
    name: "a command for each event",
    steps: [
      type(
        'watch m -- sh -c "echo $ETCD_WATCH_KEY $ETCD_WATCH_VALUE $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_REVISION"',
      ),
      ...settle,
      put('m=say "hi"'),
      until('"PUT"'),
    ],
  },
  {
    name: "a command that fails",
    steps: [type('watch n -- sh -c "exit 7"'), ...settle, put("n=1"), until("exit status 7")],
  },
  {
    name: "a command that does not exist",
    steps: [type("watch n -- nosuchcommand a"), ...settle, put("n=2"), until("not found")],
  },
  {
    name: "a key from the environment",
    environment: { ETCDCTL_WATCH_KEY: "o" },
    steps: [type("watch"), ...settle, put("o=1"), until("o\n1\n"), type("watch x"), until("Error")],
  },
  {
    name: "a key from the environment and a command",
    environment: { ETCDCTL_WATCH_KEY: "o", ETCDCTL_WATCH_RANGE_END: "r" },
    steps: [type("watch -- echo it"), ...settle, put("p=1"), until("it\n")],
  },
  {
    name: "an end from the environment without a key",
    environment: { ETCDCTL_WATCH_RANGE_END: "r" },
    steps: [until("Error")],
  },
];

describe.skipIf(!available)("watch -i beside the genuine one", () => {
  let servers: readonly [ServerProcess, ServerProcess];

  beforeAll(async () => {
    if (command === undefined) return;
    const args = [
      "--initial-advertise-peer-urls=http://127.0.0.1:2",
      "--initial-cluster=m1=http://127.0.0.1:2",
    ];
    servers = await Promise.all([
      ServerProcess.start(command, { args }),
      ServerProcess.start(command, { args }),
    ]);
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.dispose()));
  });

  test.each(scenarios)("$name", async (scenario) => {
    const mine = await play(ours, scenario, servers[0]);
    const expected = await play([etcdctl], scenario, servers[1]);
    expect(mine).toEqual(expected);
  });
});

async function play(
  program: readonly string[],
  scenario: Scenario,
  server: ServerProcess,
): Promise<Outcome> {
  const [file = "", ...first] = program;
  const flags = scenario.flags ?? [];
  const words = [...first, "--endpoints", server.endpoint, "watch", "-i", ...flags];
  const env = { PATH: process.env["PATH"], ...scenario.environment };
  const typist = new Typist(spawn(file, words, { env }));
  const client = new GrpcClient(server.endpoint);
  try {
    for (const step of scenario.steps) {
      if ("type" in step) typist.type(step.type);
      else if ("until" in step) await typist.until(step.until);
      else await write(client, step.put);
    }
  } finally {
    client.close();
  }
  return typist.end();
}

async function write(client: GrpcClient, pair: string): Promise<void> {
  const [key = "", value = ""] = pair.split("=");
  await client.unary(KVService.put, { key: Buffer.from(key), value: Buffer.from(value) });
}
