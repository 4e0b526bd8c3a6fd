// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Config, Errors, run } from "@oclif/core";
import { errorText } from "../base/error-text.ts";

/**
 * Hands a command line to oclif: the help of `etcdx` itself and its mistakes. The commands proper
 * never come here; loading oclif costs more than most of them take.
 */
export async function runOclif(words: readonly string[]): Promise<number> {
  try {
    const root = packageRoot();
    const packageText = readFileSync(join(root, "package.json"), "utf8");
    const pjson = { ...JSON.parse(packageText), oclif: oclifSettings };
    const config = await Config.load({ root, pjson });
    await run(helpWords(words), config);
    return 0;
  } catch (error) {
    if (error instanceof Errors.ExitError) return error.oclif.exit ?? 1;
    process.stderr.write(`Error: ${errorText(error)}\n`);
    return 1;
  }
}

/** `help <topic>` and nothing at all ask for help in words that oclif's core does not know. */
function helpWords(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  return first === undefined || first === "help" ? [...rest, "--help"] : [...words];
}

const oclifSettings = {
  bin: "etcdx",
  dirname: "etcdx",
  topicSeparator: " ",
  commands: { strategy: "explicit", target: "./dist/oclif-commands.js", identifier: "COMMANDS" },
  topics: {
    ctl: { description: "The client, etcdctl." },
    server: { description: "The server, etcd." },
    util: { description: "Work on a data directory without a server, etcdutl." },
  },
};

/** The folder with package.json, seen from the sources or from the bundle. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
