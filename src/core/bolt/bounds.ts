// SPDX-License-Identifier: Apache-2.0

import type { PageFrame } from "./page-frame.ts";

/** How deep pages and buckets may lie in one another; real trees stay below ten. */
export const DEPTH_MAX = 64;

/**
 * What is wrong with the keys of `frames[level]`, seen from the pages above it since `root`: all
 * of them have to be at or above the key that leads there and below the one behind that. So
 * whoever walks a tree sees ascending keys, and only an empty page can be reached twice unnoticed.
 */
export function checkBounds(
  frames: readonly PageFrame[],
  root: number,
  level: number,
): string | undefined {
  const page = frames[level];
  const parent = frames[level - 1];
  if (page === undefined || parent === undefined || level === root) return undefined;
  if (page.count === 0) return undefined;
  const first = parent.index;
  const [start, end] = [parent.keyStarts[first] as number, parent.keyEnds[first] as number];
  if (page.compareKey(0, parent.bytes, start, end) < 0) {
    return `its first key is below the one that leads to it from page ${parent.id}`;
  }
  for (let above = level - 1; above >= root; above--) {
    const ancestor = frames[above];
    if (ancestor === undefined || ancestor.index + 1 >= ancestor.count) continue;
    const next = ancestor.index + 1;
    const from = ancestor.keyStarts[next] as number;
    const to = ancestor.keyEnds[next] as number;
    if (page.compareKey(page.count - 1, ancestor.bytes, from, to) < 0) return undefined;
    return `its last key is not below the one behind it in page ${ancestor.id}`;
  }
  return undefined;
}

/** Whether `id` is one of the pages above `level`, which would make a walk go in circles. */
export function isAncestor(
  frames: readonly PageFrame[],
  root: number,
  level: number,
  id: number,
): boolean {
  for (let above = root; above < level; above++) if (frames[above]?.id === id) return true;
  return false;
}
