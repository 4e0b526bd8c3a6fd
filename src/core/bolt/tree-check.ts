// SPDX-License-Identifier: Apache-2.0

import { checkBounds, DEPTH_MAX } from "./bounds.ts";
import type { BucketRoot } from "./cursor.ts";
import { BoltError } from "./errors.ts";
import type { ByteSource, Meta } from "./meta.ts";
import { PageFrame } from "./page-frame.ts";
import type { PageSet } from "./page-set.ts";
import { decodeBucket } from "./reader.ts";

/** Who is told of what is wrong with a page; false ends the walk. */
export type Report = (page: number | undefined, problem: string) => boolean;

/**
 * Walks a bucket with all that is in it, marks every page and reports what is wrong. Below a page
 * that cannot be read, or that was met before, it does not go.
 */
export class TreeCheck {
  readonly #source: ByteSource;
  readonly #meta: Meta;
  readonly #reached: PageSet;
  readonly #report: Report;
  readonly #frames: PageFrame[] = [];
  #goesOn = true;
  pairs = 0;

  constructor(source: ByteSource, meta: Meta, reached: PageSet, report: Report) {
    this.#source = source;
    this.#meta = meta;
    this.#reached = reached;
    this.#report = report;
  }

  /** Checks the tree of a bucket whose pages go into the frames from `level` on. */
  run(root: BucketRoot, level = 0): void {
    if ("page" in root) {
      if (this.#enter(root.page, level, level)) this.#walk(level);
      return;
    }
    const frame = this.#frame(level);
    const wasRead = this.#attempt(() => frame.loadInline(root.inline, root.owner));
    if (wasRead) this.#walk(level);
  }

  /** Walks the tree whose root is in the frame `root`. */
  #walk(root: number): void {
    let level = root;
    while (this.#goesOn) {
      const frame = this.#frame(level);
      if (frame.isLeaf) this.#leaf(frame, level);
      // A branch goes on with its next child, a leaf is done.
      if (!frame.isLeaf && frame.index < frame.count) {
        if (this.#enter(frame.child(frame.index), level + 1, root)) level++;
        else frame.index++;
        continue;
      }
      if (level === root) return;
      level--;
      this.#frame(level).index++;
    }
  }

  #leaf(frame: PageFrame, level: number): void {
    for (let index = 0; index < frame.count && this.#goesOn; index++) {
      if (!frame.isBucket(index)) {
        this.pairs++;
        continue;
      }
      const value = frame.bytes.subarray(frame.keyEnds[index], frame.valueEnds[index]);
      this.#attempt(() => {
        if (level + 1 >= DEPTH_MAX) throw frame.error(`lies deeper than ${DEPTH_MAX} pages`);
        const { root } = decodeBucket(this.#source.path, frame.id, value);
        if ("inline" in root && frame.pages === 0)
          throw frame.error("a bucket lies in an inline one");
        this.run(root, level + 1);
      });
    }
  }

  /** Takes a page of a tree up; false when there is nothing to walk through. */
  #enter(page: number, level: number, root: number): boolean {
    const frame = this.#frame(level);
    return this.#attempt(() => {
      if (level >= DEPTH_MAX) throw frame.error(`lies deeper than ${DEPTH_MAX} pages`);
      frame.load(page);
      for (let next = page; next < page + frame.pages; next++) {
        if (!this.#reached.add(next)) {
          throw new BoltError(this.#source.path, next, "is used by more than one page or bucket");
        }
      }
      const problem = checkBounds(this.#frames, root, level);
      if (problem !== undefined) throw frame.error(problem);
    });
  }

  #attempt(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      if (!(error instanceof BoltError)) throw error;
      this.#goesOn = this.#report(error.page, error.problem) && this.#goesOn;
      return false;
    }
  }

  #frame(level: number): PageFrame {
    const known = this.#frames[level];
    if (known !== undefined) return known;
    const frame = new PageFrame(this.#source, this.#meta);
    this.#frames[level] = frame;
    return frame;
  }
}
