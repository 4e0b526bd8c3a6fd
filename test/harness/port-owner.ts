// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const listening = "0A";

/** The text of a file below `/proc`; empty when it is not there (any more). */
function proc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return "";
  }
}

/** Inodes of the sockets that listen on the port, on any address. */
function listeners(port: number): Set<string> {
  const inodes = new Set<string>();
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of [...proc("net/tcp").split("\n"), ...proc("net/tcp6").split("\n")]) {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    if (state === listening && local.endsWith(wanted)) inodes.add(inode);
  }
  return inodes;
}

function holds(pid: number, inodes: ReadonlySet<string>): boolean {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // It has just ended.
    return false;
  }
  return names.some((name) => {
    try {
      const found = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`));
      return inodes.has(found?.[1] ?? "");
    } catch {
      // Closed meanwhile.
      return false;
    }
  });
}

function children(pid: number): number[] {
  return proc(`${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/**
 * Whether the process, or one that it started, listens on the port. Where there is no `/proc/net`
 * nobody can tell, and it is taken to be so.
 */
export function listensOn(pid: number, port: number): boolean {
  if (proc("net/tcp") === "") return true;
  const inodes = listeners(port);
  return [pid, ...children(pid)].some((each) => holds(each, inodes));
}
