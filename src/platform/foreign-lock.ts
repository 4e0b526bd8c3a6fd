// SPDX-License-Identifier: Apache-2.0
//
// Finds locks that other programs hold. Go etcd locks its WAL segments (open file description
// locks) and its database (flock); Node can take neither kind, but Linux lists both.

import fs from "node:fs";

const LOCK_TABLE = "/proc/locks";

export interface ForeignLock {
  readonly path: string;
  /** Who has it as far as the system tells, such as `process 123 (etcd)`. */
  readonly holder: string;
}

interface LockRow {
  readonly pid: number;
  /** `major:minor:inode`, the device in hex, as the table has it. */
  readonly file: string;
}

function parseTable(table: string): LockRow[] {
  return table.split("\n").flatMap((line) => {
    // "1: OFDLCK ADVISORY  WRITE -1 fe:00:9978522 0 EOF"; a blocked request has "->" second.
    const words = line.split(/\s+/);
    const [, kind, , access, pid, file] = words;
    if (kind === undefined || access !== "WRITE" || pid === undefined || file === undefined)
      return [];
    return kind === "FLOCK" || kind === "OFDLCK" ? [{ pid: Number(pid), file }] : [];
  });
}

function fileKey(path: string): string | undefined {
  const stat = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  // The layout that the C library gives device numbers.
  const major = ((stat.dev >> 8n) & 0xfffn) | ((stat.dev >> 32n) & ~0xfffn);
  const minor = (stat.dev & 0xffn) | ((stat.dev >> 12n) & ~0xffn);
  const hex = (value: bigint) => value.toString(16).padStart(2, "0");
  return `${hex(major)}:${hex(minor)}:${stat.ino}`;
}

function readOrEmpty(path: string): string {
  try {
    return fs.readFileSync(path, "utf8").trim();
  } catch {
    // Not Linux, no rights, or a process that has just ended: nothing can be known.
    return "";
  }
}

function linksTo(directory: string, path: string): boolean {
  try {
    return fs.readdirSync(directory).some((name) => {
      try {
        return fs.readlinkSync(`${directory}/${name}`) === path;
      } catch {
        // The descriptor was closed meanwhile.
        return false;
      }
    });
  } catch {
    // A process of somebody else, or one that has ended.
    return false;
  }
}

/** The table gives no process for open file description locks: look for who has the file open. */
function findOpener(path: string): number | undefined {
  const real = fs.realpathSync(path);
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => Number(pid) !== process.pid && linksTo(`/proc/${pid}/fd`, real));
  return found === undefined ? undefined : Number(found);
}

function describeHolder(pid: number | undefined): string {
  if (pid === undefined || pid <= 0) return "a process of another user or container";
  const name = readOrEmpty(`/proc/${pid}/comm`);
  return name === "" ? `process ${pid}` : `process ${pid} (${name})`;
}

/**
 * The first of `paths` on which another process holds a write lock. Undefined when there is none,
 * and on systems that do not tell.
 */
export function findForeignLock(paths: readonly string[]): ForeignLock | undefined {
  const rows = parseTable(readOrEmpty(LOCK_TABLE)).filter((row) => row.pid !== process.pid);
  if (rows.length === 0) return undefined;
  for (const path of paths) {
    const key = fileKey(path);
    const row = rows.find(({ file }) => file === key);
    if (row === undefined) continue;
    return { path, holder: describeHolder(row.pid > 0 ? row.pid : findOpener(path)) };
  }
  return undefined;
}
