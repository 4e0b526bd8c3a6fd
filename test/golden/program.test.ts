// SPDX-License-Identifier: Apache-2.0

/** The program as a process: its names, its start on an old Node, TLS, what it refuses. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { createManifest } from "../../src/cli/manifest.ts";
import { ctlProgram } from "../../src/commands/ctl/index.ts";
import { utilProgram } from "../../src/commands/util/index.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { FakeServer } from "./fake-server.ts";
import { type Outcome, runCtl, runOther } from "./run-ctl.ts";

const root = join(import.meta.dirname, "../..");
const bin = join(root, "bin");

function run(file: string, ...words: string[]): Promise<Outcome> {
  return runOther([process.execPath, file], words);
}

describe("the name decides which program runs", () => {
  test("etcdctl is the client", async () => {
    const outcome = await run(join(bin, "etcdctl"), "version");
    expect(outcome).toEqual({
      code: 0,
      stdout: "etcdctl version: 3.7.1\nAPI version: 3.7\n",
      stderr: "",
    });
  });

  test("etcdx ctl is the client too", async () => {
    const outcome = await run(join(bin, "etcdx"), "ctl", "get");
    expect(outcome.code).toBe(128);
    expect(outcome.stderr).toMatch(/^Error: get command needs one argument/);
  });

  test("a link of another name to etcdx is what it is called", async () => {
    const link = join(tempDir(), "etcdctl");
    symlinkSync(join(bin, "etcdx"), link);
    const outcome = await run(link, "version");
    expect(outcome.stdout).toMatch(/^etcdctl version: /);
  });

  test("a link of an unknown name to etcdctl is still etcdctl", async () => {
    const link = join(tempDir(), "mine");
    symlinkSync(join(bin, "etcdctl"), link);
    const outcome = await run(link, "version");
    expect(outcome.stdout).toMatch(/^etcdctl version: /);
  });

  test("etcdx alone shows what there is", async () => {
    const outcome = await run(join(bin, "etcdx"));
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain("USAGE\n  $ etcdx [COMMAND]");
  });

  test("an unknown word after etcdx is an error", async () => {
    const outcome = await run(join(bin, "etcdx"), "nosuch");
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain("nosuch");
  });
});

describe("a Node that is too old", () => {
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "10.24.1" });';

  test("is told so in one line when there is no other", async () => {
    const folder = tempDir();
    cpSync(bin, join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "old.cjs"), pretend);
    const words = ["--require", join(folder, "old.cjs"), join(folder, "bin/etcdx"), "version"];
    const outcome = await runOther([process.execPath], words);
    expect(outcome).toEqual({
      code: 1,
      stdout: "",
      stderr: "etcdx needs Node 22 or newer; this is Node 10.24.1\n",
    });
  });

  test("hands over to the pinned one when there is one, with words, output and exit code", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, "old.cjs"), pretend);
    const words = ["--require", join(folder, "old.cjs"), join(bin, "etcdctl"), "nosuch"];
    const outcome = await runOther([process.execPath], words);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^Error: unknown command "nosuch" for "etcdctl"\n/);
  });

  test("can parse the file that it starts with", () => {
    const code = readFileSync(join(bin, "etcdx"), "utf8").replace(/^\s*\/\/.*$/gm, "");
    expect(code).not.toMatch(/=>|\b(?:const|let|async|await|class|import)\b|`|\?\.|\?\?|\.\.\./);
  });
});

test("the manifest describes the commands that there are", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const manifest = JSON.parse(readFileSync(join(root, "oclif.manifest.json"), "utf8"));
  expect(manifest).toEqual(
    JSON.parse(JSON.stringify(createManifest({ ctl: ctlProgram, util: utilProgram }, version))),
  );
});

describe("flags that do nothing yet are refused", () => {
  test.each(["--user u:p", "--password p", "--auth-jwt-token t", "-d example.com"])(
    "%s",
    async (flag) => {
      const outcome = await runCtl(["get", "k", ...flag.split(" ")]);
      expect(outcome.code).toBe(128);
      expect(outcome.stderr).toMatch(/^Error: etcdx: --[a-z-]+ is not supported yet\n$/);
    },
  );

  test("also when a variable sets them", async () => {
    const outcome = await runCtl(["get", "k"], { environment: { ETCDCTL_USER: "u:p" } });
    expect(outcome.stderr).toBe("Error: etcdx: --user is not supported yet\n");
  });
});

test("an election that waits for a connection ends with an interrupt", async () => {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const words = ["elect", "e", "v", "--endpoints", `127.0.0.1:${port}`];
  const child = spawn(process.execPath, [join(bin, "etcdctl"), ...words], { stdio: "ignore" });
  await once(listener, "connection");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
  listener.close();
});

describe("streams that do not work", () => {
  /** The program with a file for its input or output; gives what it says and its exit code. */
  function runWith(stdin: string, stdout: string, ...words: string[]): unknown[] {
    const files = [openSync(stdin, "r"), openSync(stdout, "w")];
    const { status, stderr } = spawnSync(process.execPath, [join(bin, "etcdctl"), ...words], {
      stdio: [...files, "pipe"],
      encoding: "utf8",
    });
    for (const file of files) closeSync(file);
    return [status, stderr];
  }

  test.runIf(existsSync("/dev/full"))("an output without room is an error", () => {
    const text = "Error: write /dev/stdout: no space left on device\n";
    expect(runWith("/dev/null", "/dev/full", "version")).toEqual([6, text]);
  });

  test("an input that is a directory is no value, and no transaction", () => {
    const usage = "put command needs 1 argument and input from stdin or 2 arguments";
    expect(runWith("/", "/dev/null", "put", "a")).toEqual([128, `Error: ${usage}\n`]);
    const text = "Error: read /dev/stdin: is a directory\n";
    expect(runWith("/", "/dev/null", "txn")).toEqual([3, text]);
  });
});

describe("TLS", () => {
  /** A certificate for 127.0.0.1 that is its own authority. */
  function certificate(folder: string): { readonly cert: string; readonly key: string } {
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    words.push("-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=etcdx");
    words.push("-addext", "subjectAltName=IP:127.0.0.1");
    execFileSync("openssl", words, { stdio: "ignore" });
    return { cert, key };
  }

  async function start(files: {
    readonly cert: string;
    readonly key: string;
  }): Promise<FakeServer> {
    const [cert, key] = [readFileSync(files.cert), readFileSync(files.key)];
    const pair = { private_key: key, cert_chain: cert };
    const server = await FakeServer.start(grpc.ServerCredentials.createSsl(cert, [pair], true));
    server.answer(KVService.put, {});
    return server;
  }

  test("with authority and client certificate a call goes through", async () => {
    const files = certificate(tempDir());
    const server = await start(files);
    const flags = ["--cacert", files.cert, "--cert", files.cert, "--key", files.key];
    const outcome = await runCtl(["put", "a", "b", "--endpoints", server.endpoint, ...flags]);
    server.stop();
    expect(outcome).toEqual({ code: 0, stdout: "OK\n", stderr: "" });
  });

  test("a server that no known authority vouches for is not talked to", async () => {
    const files = certificate(tempDir());
    const server = await start(files);
    const flags = ["--cert", files.cert, "--key", files.key, "--command-timeout", "500ms"];
    const endpoint = `https://${server.endpoint}`;
    const outcome = await runCtl(["put", "a", "b", "--endpoints", endpoint, ...flags]);
    server.stop();
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("authentication handshake failed");
    expect(outcome.stderr).toMatch(/Error: context deadline exceeded\n$/);
    expect(server.take()).toEqual([]);
  });

  test("unless the check is switched off", async () => {
    const files = certificate(tempDir());
    const server = await start(files);
    const flags = ["--insecure-skip-tls-verify", "--cert", files.cert, "--key", files.key];
    const outcome = await runCtl(["put", "a", "b", "--endpoints", server.endpoint, ...flags]);
    server.stop();
    expect(outcome.stdout).toBe("OK\n");
  });
});
