// SPDX-License-Identifier: Apache-2.0

import { ELEMENT_BYTES, HEADER_BYTES, PAGE_BRANCH, writeUint64 } from "./format.ts";
import type { PageOutput } from "./page-output.ts";

/** A page below: its first key and its number. */
export interface Child {
  readonly key: Uint8Array;
  readonly page: number;
}

/**
 * The last two children never leave with a full page, so that none that follows has only one
 * child; and a branch has at least two.
 */
const KEPT_BACK = 2;
const CHILDREN_MIN = 2;

/** One level of branches: the children that are not yet in a page. */
export class BranchStage {
  readonly #limitBytes: number;
  #children: Child[] = [];
  #bytes = HEADER_BYTES;
  /** Whether pages of this level have been written, so that there is a level above. */
  hasPages = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Adds a child; gives the page that it made complete, if it did. */
  add(child: Child, output: PageOutput): Child | undefined {
    this.#children.push(child);
    this.#bytes += ELEMENT_BYTES + child.key.length;
    const isFull = this.#bytes > this.#limitBytes;
    if (!isFull || this.#children.length < CHILDREN_MIN + KEPT_BACK) return undefined;
    this.hasPages = true;
    return this.#write(this.#children.length - KEPT_BACK, output);
  }

  /** The only page of the tree's uppermost level, or what is left for the last page. */
  finish(output: PageOutput): Child {
    const [only] = this.#children;
    if (this.#children.length === 1 && only !== undefined) return only;
    return this.#write(this.#children.length, output);
  }

  #write(count: number, output: PageOutput): Child {
    const children = this.#children.slice(0, count);
    const bytes = sizeOf(children);
    const page = output.begin(PAGE_BRANCH, count, HEADER_BYTES + bytes);
    let data = output.at + count * ELEMENT_BYTES;
    children.forEach((child, index) => {
      const element = output.at + index * ELEMENT_BYTES;
      output.view.setUint32(element, data - element, true);
      output.view.setUint32(element + 4, child.key.length, true);
      writeUint64(output.view, element + 8, child.page);
      output.bytes.set(child.key, data);
      data += child.key.length;
    });
    this.#children = this.#children.slice(count);
    this.#bytes = HEADER_BYTES + sizeOf(this.#children);
    return { key: (children[0] as Child).key, page };
  }
}

function sizeOf(children: readonly Child[]): number {
  return children.reduce((sum, child) => sum + ELEMENT_BYTES + child.key.length, 0);
}
