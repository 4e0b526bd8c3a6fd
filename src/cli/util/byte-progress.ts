// SPDX-License-Identifier: Apache-2.0

import { formatSize } from "../print/columns.ts";
import type { Terminal } from "../terminal.ts";

/** How often the line is drawn; work that is done sooner shows none. */
const REDRAW_MS = 200;
const CLEAR_LINE = "\r\x1b[K";

/** How far a long work on files has come: a line that is redrawn, where a terminal shows it. */
export class ByteProgress {
  readonly #terminal: Terminal;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #drawnMs: number;
  #isShown = false;

  constructor(terminal: Terminal, nowMs = () => performance.now()) {
    this.#terminal = terminal;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    this.#drawnMs = this.#startMs;
  }

  update(done: number, total: number): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const columns = this.#terminal.errorColumns();
    if (columns === undefined) return;
    this.#isShown = true;
    const seconds = (nowMs - this.#startMs) / 1000;
    const line = progressLine({ done, total, seconds }).slice(0, columns - 1);
    this.#terminal.error(CLEAR_LINE + line);
  }

  /** Takes the line away. */
  finish(): void {
    if (this.#isShown) this.#terminal.error(CLEAR_LINE);
    this.#isShown = false;
  }
}

export interface WorkDone {
  readonly done: number;
  readonly total: number;
  readonly seconds: number;
}

/** `120 MB of 752 MB, 16%, 80 MB/s, 8s left`. */
export function progressLine({ done, total, seconds }: WorkDone): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [`${formatSize(done)} of ${formatSize(total)}`];
  if (total > 0) parts.push(`${Math.floor((done * 100) / total)}%`);
  if (rate > 0) {
    parts.push(`${formatSize(Math.round(rate))}/s`, `${Math.ceil((total - done) / rate)}s left`);
  }
  return parts.join(", ");
}
