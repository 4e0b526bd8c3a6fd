// SPDX-License-Identifier: Apache-2.0

import type { Client } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession, type Session } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { ProgressBar } from "../progress-bar.ts";
import { CountedPace, PutLoad } from "../put-load.ts";
import type { Terminal } from "../terminal.ts";
import {
  compactTo,
  defragmentAll,
  deletePrefix,
  errorLines,
  type LoadName,
  pickLoad,
  randomPuts,
  requireNoKeys,
  withClients,
} from "./check-load.ts";
import { RESIDENT_MEMORY, residentMemory } from "./resident-memory.ts";

interface ScaleLoad {
  readonly keys: number;
  readonly clients: number;
}

const loads: Readonly<Record<LoadName, ScaleLoad>> = {
  s: { keys: 10_000, clients: 50 },
  m: { keys: 100_000, clients: 200 },
  l: { keys: 1_000_000, clients: 500 },
  xl: { keys: 3_000_000, clients: 1000 },
};

const SIZES = { keyBytes: 512, valueBytes: 512 };
const PAIR_BYTES = SIZES.keyBytes + SIZES.valueBytes;
const MEGABYTE = 1024 * 1024;

export async function checkDatascale(call: Call): Promise<number> {
  const { terminal, values } = call;
  const load = pickLoad(loads, values.text("load"));
  const prefix = values.text("prefix");
  const session = await openSession(call);
  const lines = await withClients(session, load.clients, terminal, async (clients) => {
    await requireNoKeys(clients[0], prefix, `etcdctl del --prefix ${prefix}`);
    const before = await readMemory(session, terminal, "before");
    const report = await write(clients, load, call);
    const used = (await readMemory(session, terminal, "after")) - before;
    const { header } = await deletePrefix(clients[0], prefix);
    if (values.bool("auto-compact")) await compactTo(clients[0], header?.revision ?? 0, terminal);
    if (report.errors.size > 0) return { passed: false, lines: errorLines(report) };
    const size = (used / MEGABYTE).toFixed(2);
    return { passed: true, lines: [`PASS: Approximate system memory used : ${size} MB.`] };
  });
  if (values.bool("auto-defrag")) await defragmentAll(session, terminal);
  terminal.out(lines.lines.map((line) => `${line}\n`).join(""));
  return lines.passed ? ExitCode.success : ExitCode.error;
}

function write(clients: readonly Client[], load: ScaleLoad, { terminal, values }: Call) {
  const { keys } = load;
  const parts = [
    `${keys} key-value pairs`,
    `${PAIR_BYTES} bytes per key-value`,
    `${clients.length} concurrent clients`,
  ];
  terminal.out(`Start data scale check for work load [${parts.join(", ")}].\n`);
  const bar = new ProgressBar(terminal, keys);
  const puts = randomPuts(values.text("prefix"), SIZES);
  return new PutLoad(clients, puts, () => bar.add(1))
    .run(new CountedPace(keys))
    .finally(() => bar.finish());
}

/** @throws {CommandFailure} without it, which has been printed by then */
async function readMemory(
  session: Session,
  terminal: Terminal,
  when: "before" | "after",
): Promise<number> {
  const memory = await residentMemory(session.options);
  if (typeof memory === "number") return memory;
  terminal.out(
    `${memory.problem}\nFAIL: Could not read ${RESIDENT_MEMORY} ${when} the put operations.\n`,
  );
  throw new CommandFailure(ExitCode.error, "");
}
