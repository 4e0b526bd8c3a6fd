// SPDX-License-Identifier: Apache-2.0

import { basename } from "node:path";
import { Command } from "@oclif/core";
import { runServer } from "./run.ts";

/** `etcdx server`: its flags are etcd's, in Go's syntax, so oclif hands the words on untouched. */
export default class Server extends Command {
  static override readonly summary = "Run an etcd member.";
  static override readonly description =
    "Takes etcd's flags, ETCD_ variables and configuration file; --help lists them.";
  static override readonly strict = false;
  static override readonly examples = ["<%= config.bin %> server --name m1 --data-dir m1.etcd"];

  override async run(): Promise<void> {
    process.exitCode = await runServer(this.argv, {
      environment: process.env,
      stdout: process.stdout,
      stderr: process.stderr,
      programName: basename(process.argv[1] ?? "etcdx").replace(/\.js$/, ""),
    });
  }
}
