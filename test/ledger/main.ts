// SPDX-License-Identifier: Apache-2.0
// npm run ledger -- [--rounds 20] [--seed N] [--subject etcdx|etcd|"a command line"]

import { parseArgs } from "node:util";
import { resolveServer } from "../harness/server-command.ts";
import { runLedger } from "./ledger.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    subject: { type: "string", default: "etcdx" },
  },
});
const command = resolveServer(values.subject);
if (command === undefined) throw new Error(`the server ${values.subject} is not here`);
const rounds = Number(values.rounds);
const seed = Number(values.seed);
if (!(rounds >= 1) || !(seed >= 0)) throw new Error("--rounds and --seed want numbers");
console.log(`ledger: ${command.name}, ${rounds} rounds, seed ${seed}`);
const results = await runLedger({
  command,
  rounds,
  seed,
  onRound: (each) => {
    console.log(
      `  round ${each.round}: ${each.acknowledged} acknowledged, ${each.unanswered} unanswered, ` +
        `revision ${each.revision}, ${each.leases} leases, ${each.events} events watched, ` +
        `${each.violations.length} violations`,
    );
    for (const violation of each.violations.slice(0, 20)) console.error(`    ${violation}`);
  },
});
const violated = results.filter((each) => each.violations.length > 0).length;
console.log(`ledger: ${results.length - violated} rounds passed, ${violated} failed`);
process.exitCode = violated === 0 && results.length === rounds ? 0 : 1;
