// SPDX-License-Identifier: Apache-2.0

/** What has output waiting. */
export interface Flushable {
  flush(): void;
}

/**
 * Flushes, once at the end of the running turn, every output that was written to in it: answers
 * that become ready together leave their connection in one write.
 */
export class FlushQueue {
  #due: Flushable[] = [];
  readonly #run = (): void => {
    const due = this.#due;
    this.#due = [];
    for (const output of due) output.flush();
  };

  add(output: Flushable): void {
    if (this.#due.push(output) === 1) process.nextTick(this.#run);
  }
}
