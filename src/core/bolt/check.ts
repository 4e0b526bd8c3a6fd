// SPDX-License-Identifier: Apache-2.0

import { BoltError } from "./errors.ts";
import { FIRST_DATA_PAGE } from "./format.ts";
import { readFreelist, type StoredFreelist } from "./freelist.ts";
import { PageSet } from "./page-set.ts";
import type { BoltReader } from "./reader.ts";
import { type Report, TreeCheck } from "./tree-check.ts";

/** After this many findings a check ends. */
const FINDINGS_MAX = 1000;

export interface BoltFinding {
  /** The page at fault. */
  readonly page: number | undefined;
  readonly problem: string;
}

export interface BoltCheck {
  /** What is wrong; empty for a sound database. */
  readonly findings: readonly BoltFinding[];
  /** Whether there were too many findings to go on. */
  readonly isCutShort: boolean;
  /** Keys with values in all buckets. */
  readonly pairs: number;
  /** Pages in use, the two metas included. */
  readonly usedPages: number;
  readonly freePages: number;
}

/**
 * Looks at every page that can be reached, and at the free list where one is stored: each page
 * belongs to one tree or is free, keys ascend within pages and between them, nothing points
 * outside. Reads the whole database once; keeps two bits per page.
 */
export function checkBolt(reader: BoltReader): BoltCheck {
  const { meta, source, damagedMeta } = reader;
  const findings: BoltFinding[] = [];
  const report: Report = (page, problem) => {
    findings.push({ page, problem });
    return findings.length < FINDINGS_MAX;
  };
  if (damagedMeta !== undefined) report(damagedMeta.page, damagedMeta.problem);
  const reached = new PageSet(meta.highWater);
  const trees = new TreeCheck(source, meta, reached, report);
  trees.run(reader.root.root);
  const usedByTrees = reached.size;
  const freelistPages = checkFreelist(reader, reached, report);
  const usedPages = FIRST_DATA_PAGE + usedByTrees + freelistPages;
  return {
    findings,
    isCutShort: findings.length >= FINDINGS_MAX,
    pairs: trees.pairs,
    usedPages,
    freePages: meta.highWater - usedPages,
  };
}

/** Checks the stored free list; how many pages it occupies itself. */
function checkFreelist(reader: BoltReader, reached: PageSet, report: Report): number {
  const { meta, source } = reader;
  if (meta.freelistPage === undefined) return 0;
  try {
    const list = readFreelist(source, meta, meta.freelistPage);
    compareFreelist(list, meta.highWater, reached, report);
    return list.pages;
  } catch (error) {
    if (!(error instanceof BoltError)) throw error;
    report(error.page, error.problem);
    return 0;
  }
}

function compareFreelist(
  list: StoredFreelist,
  highWater: number,
  reached: PageSet,
  report: Report,
): void {
  let goesOn = true;
  const tell = (page: number, problem: string) => {
    if (goesOn) goesOn = report(page, problem);
  };
  for (let page = list.page; page < list.page + list.pages; page++) {
    if (!reached.add(page)) tell(page, "is used by the free list and by a tree");
  }
  const free = new PageSet(highWater);
  list.each((page) => {
    if (page < FIRST_DATA_PAGE || page >= highWater) {
      tell(list.page, `names the free page ${page} of ${highWater}`);
    } else if (!free.add(page)) tell(page, "is in the free list twice");
    else if (reached.has(page)) tell(page, "is free and in use");
  });
  for (let page = FIRST_DATA_PAGE; page < highWater && goesOn; page++) {
    if (!reached.has(page) && !free.has(page)) tell(page, "is neither free nor in use");
  }
}
