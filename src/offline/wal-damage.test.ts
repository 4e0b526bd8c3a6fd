// SPDX-License-Identifier: Apache-2.0
//
// Logs of genuine etcd, damaged in every way: never a hang, never an exception of another kind,
// never a wrong answer without a word. Damage is told with its place, or the answer is the same.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../test/harness/seeded-random.ts";
import { SimDisk } from "../../test/harness/sim-disk.ts";
import { listRecords } from "../core/wal/index.ts";
import { OfflineError } from "./errors.ts";
import { dumpWal } from "./wal-dump.ts";
import { recordJson } from "./wal-record.ts";
import { repairWal } from "./wal-repair.ts";
import { verifyWal } from "./wal-verify.ts";

const NAME = "0000000000000000-0000000000000000.wal";
const MEMBER = "/data/member";
const FILE = `${MEMBER}/wal/${NAME}`;
/** In each of the two logs. */
const RANDOM_PLACES = 1000;

interface Fixture {
  readonly bytes: Uint8Array;
  /** Where records begin, and where the last one ends. */
  readonly boundaries: readonly number[];
  readonly snaps: ReadonlyMap<string, Uint8Array>;
  /** The lines of an undamaged dump. */
  readonly lines: readonly string[];
  /** What is found before any damage: the newest .snap file of one fixture is missing. */
  readonly text: string;
}

async function fixture(version: string): Promise<Fixture> {
  const folder = new URL(`../../test/fixtures/etcd-${version}/member/`, import.meta.url);
  const bytes = readFileSync(new URL(`wal/${NAME}`, folder));
  const snaps = new Map(
    readdirSync(new URL("snap/", folder))
      .filter((name) => name.endsWith(".snap"))
      .map((name) => [name, readFileSync(new URL(`snap/${name}`, folder))]),
  );
  const disk = diskWith(bytes, snaps);
  const offsets = listRecords(disk, `${MEMBER}/wal`).map(({ offset }) => offset);
  const lastOffset = offsets.at(-1) ?? 0;
  const end = Math.ceil(endOfRecord(bytes, lastOffset) / 8) * 8;
  const { lines } = dumped(disk);
  const { text } = await examine({ snaps, lines, text: "" }, bytes);
  return { bytes, boundaries: [...offsets, end], snaps, lines, text };
}

function diskWith(bytes: Uint8Array, snaps: ReadonlyMap<string, Uint8Array>): SimDisk {
  const disk = new SimDisk();
  disk.placeFile(FILE, bytes);
  for (const [name, content] of snaps) disk.placeFile(`${MEMBER}/snap/${name}`, content);
  return disk;
}

function dumped(disk: SimDisk): { readonly lines: string[]; readonly ending: string } {
  const lines: string[] = [];
  let ending = "end";
  try {
    dumpWal(
      { disk, dataDir: "/data", walDir: "", filter: {} },
      {
        record: (place, record) => lines.push(recordJson(place, record)),
        torn: () => {
          ending = "torn";
        },
      },
    );
  } catch (error) {
    if (!(error instanceof OfflineError)) throw error;
    ending = error.message;
  }
  return { lines, ending };
}

/** All three tools on a damaged log; what they say about it. */
async function examine(
  { snaps, lines, text: textBefore }: Pick<Fixture, "snaps" | "lines" | "text">,
  bytes: Uint8Array,
): Promise<{
  readonly errors: number;
  readonly isTold: boolean;
  readonly isSame: boolean;
  readonly text: string;
}> {
  const disk = diskWith(bytes, snaps);
  const place = { disk, dataDir: "/data", walDir: "" };
  const { findings } = await verifyWal(place);
  for (const { file, problem, remedy } of findings.list) {
    expect(file).toMatch(/^\/data\/member\//);
    expect(problem).toMatch(/\S/);
    expect(remedy).toMatch(/\S/);
  }
  const dump = dumped(disk);
  if (findings.errors === 0) {
    // Comparing texts is what makes thousands of rounds quick.
    const shown = dump.lines.join("\n");
    const first = lines.slice(0, dump.lines.length).join("\n");
    expect(shown === first, shown).toBe(true);
  }
  const outcome = await repairWal(place, false);
  const text = findings.list.map(({ problem }) => problem).join("\n");
  // Of the .snap files only those count that show that the log has lost something.
  const isLogDamaged = findings.list.some(
    ({ severity, file }) => severity === "error" && !file.startsWith(`${MEMBER}/snap`),
  );
  const isTorn = /is torn/.test(text);
  const hasLost = isTorn && /is newer than the log/.test(text);
  expect(outcome.kind === "refused").toBe(isLogDamaged || hasLost);
  expect(Buffer.compare(disk.readFile(FILE), bytes)).toBe(0);
  const isSame = dump.ending === "end" && dump.lines.length === lines.length;
  return {
    errors: findings.errors,
    isTold: text !== textBefore || dump.ending !== "end",
    isSame,
    text,
  };
}

/** Whether a flip there changes nothing that is read: padding of a record. */
function isSilentPlace(fixtureUsed: Fixture, offset: number): boolean {
  const start = fixtureUsed.boundaries.findLast((boundary) => boundary <= offset) ?? 0;
  return offset >= endOfRecord(fixtureUsed.bytes, start);
}

function endOfRecord(bytes: Uint8Array, start: number): number {
  return start + 8 + (bytes[start] ?? 0) + (bytes[start + 1] ?? 0) * 256;
}

describe.each(["3.4.23", "3.7.1"])("a log of etcd %s", async (version) => {
  const original = await fixture(version);
  const { bytes, boundaries } = original;

  test("has every record cut off in turn: what is left is shown", async () => {
    for (const [records, boundary] of boundaries.entries()) {
      const { text } = await examine(original, bytes.subarray(0, boundary));
      if (records === 0) expect(text).toContain("the file is empty");
      const { lines } = dumped(diskWith(bytes.subarray(0, boundary), original.snaps));
      expect(lines).toEqual(original.lines.slice(0, records));
      const isBeforeSnap =
        records < original.lines.findIndex((line) => /"snapshot","index":[1-9]/.test(line));
      if (isBeforeSnap && records > 3)
        expect(text).toMatch(/it is newer than the log|no record of it/);
    }
  });

  test("is cut within every record: the end is torn, or the log has no beginning", async () => {
    for (const [at, boundary] of boundaries.slice(0, -1).entries()) {
      // Where only padding is missing, the record is whole, and refused rather than cut off.
      for (const cut of [boundary + 1, boundary + 8, endOfRecord(bytes, boundary) - 1]) {
        const { text, isTold } = await examine(original, bytes.subarray(0, cut));
        expect(isTold).toBe(true);
        if (at > 0) expect(text).toContain("the last record is torn");
      }
    }
  });

  test("is cut within the padding of a record, which is whole", async () => {
    for (const [at, boundary] of boundaries.slice(0, -1).entries()) {
      const cut = (boundaries[at + 1] ?? 0) - 1;
      // The first record holds no data that could be whole.
      if (at === 0 || cut < endOfRecord(bytes, boundary)) continue;
      const { text } = await examine(original, bytes.subarray(0, cut));
      expect(text).toContain("the file ends in the padding of a whole record");
    }
  });

  test("has every record zeroed in turn but the last, which could as well never have been written", async () => {
    for (const [at, boundary] of boundaries.slice(0, -2).entries()) {
      const zeroed = new Uint8Array(bytes).fill(0, boundary, boundaries[at + 1]);
      const { isTold } = await examine(original, zeroed);
      expect(isTold, `record ${at + 1}`).toBe(true);
    }
  });

  test("has a bit flipped at the beginning of every record, in its head and in its data", async () => {
    for (const boundary of boundaries.slice(0, -1)) {
      for (const offset of [boundary, boundary + 7, boundary + 9, boundary + 12]) {
        const flipped = new Uint8Array(bytes);
        flipped[offset] = (flipped[offset] ?? 0) ^ 0x10;
        const { isTold } = await examine(original, flipped);
        expect(isTold, `offset ${offset}`).toBe(!isSilentPlace(original, offset));
      }
    }
  });

  test(`has a bit flipped at ${RANDOM_PLACES} random places`, async () => {
    const random = new SeededRandom(version.length);
    for (let round = 0; round < RANDOM_PLACES; round++) {
      const offset = random.intBelow(bytes.length);
      const flipped = new Uint8Array(bytes);
      flipped[offset] = (flipped[offset] ?? 0) ^ (1 << random.intBelow(8));
      const { isTold, isSame } = await examine(original, flipped);
      // Padding has no meaning, and neither have the highest bits of a checksum's last byte.
      expect(isTold || isSame, `offset ${offset}`).toBe(true);
    }
  });
});
