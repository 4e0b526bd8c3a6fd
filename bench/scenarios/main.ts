// SPDX-License-Identifier: Apache-2.0
// Situations that one burst of equal requests cannot show, beside etcd. See bench/README.md.

import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { resolveServer, type ServerCommand } from "../../test/harness/server-command.ts";
import { smokeNotice } from "../table.ts";
import { compaction } from "./compaction.ts";
import { defragment } from "./defragment.ts";
import { files, offline } from "./files.ts";
import { lease, leaseStorm } from "./lease.ts";
import { list } from "./list.ts";
import { million, millionPuts } from "./million.ts";
import { runScenario } from "./run.ts";
import type { Scenario, Size } from "./scenario.ts";
import { formatFigures, type Line } from "./table.ts";
import { watchFan, watchMany } from "./watch.ts";

const scenarios: readonly Scenario[] = [
  million,
  millionPuts,
  list,
  watchFan,
  watchMany,
  lease,
  leaseStorm,
  compaction,
  defragment,
  offline,
  files,
];

const usage = `node bench/scenarios/main.ts [options]
  --subject S    etcdx (default), etcd, distribution or a command line
  --against S    the reference, named the same way; without it only the subject runs
  --only a,b     scenarios: ${scenarios.map((each) => each.name).join(", ")}
  --rounds N     rounds per server, in turn; the median counts (3)
  --seconds N    wished length of a burst (2.5)
  --keys N       keys or revisions of the large stores (1000000)
  --dir D        where the data directories go (the temporary directory)
  --smoke        everything once and tiny: checks the harness, measures nothing`;

const smoke = { keys: 2000, watchers: 100, leases: 200, leaseTtl: 3, seconds: 0.05 };

function server(text: string): ServerCommand {
  const command = resolveServer(text);
  if (command === undefined) throw new Error(`the server ${JSON.stringify(text)} is not here`);
  return command;
}

function chosen(words: string | undefined): readonly Scenario[] {
  if (words === undefined) return scenarios;
  return words.split(",").map((word) => {
    const found = scenarios.find((each) => each.name === word.trim());
    if (found === undefined) throw new Error(`no scenario ${JSON.stringify(word)}\n${usage}`);
    return found;
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      subject: { type: "string", default: "etcdx" },
      against: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "2.5" },
      keys: { type: "string", default: "1000000" },
      dir: { type: "string", default: tmpdir() },
      smoke: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const full = { keys: Number(values.keys), watchers: 10_000, leases: 100_000, leaseTtl: 60 };
  const size: Size = {
    parentDir: values.dir,
    ...(values.smoke ? smoke : { ...full, seconds: Number(values.seconds) }),
  };
  const commands = [server(values.subject)];
  if (values.against !== undefined) commands.push(server(values.against));
  const rounds = values.smoke ? 1 : Number(values.rounds);
  const lines: Line[] = [];
  for (const scenario of chosen(values.only)) {
    lines.push(...(await runScenario(scenario, commands, size, rounds)));
  }
  const names = commands.map((command) => command.name);
  if (values.smoke) console.log(`\n${smokeNotice}`);
  console.log(`\n${new Date().toISOString()}\n\n${formatFigures(names, lines)}`);
}

await main();
