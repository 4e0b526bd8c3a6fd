// SPDX-License-Identifier: Apache-2.0

import type { Terminal } from "./terminal.ts";

const REDRAW_MS = 200;
const COLUMNS_DEFAULT = 100;

/**
 * How far a long command has come, on the error output: a line that is redrawn while a terminal
 * shows it, otherwise only the last one.
 */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #done = 0;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
    if (terminal.errorColumns() === undefined) return;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  add(count: number): void {
    this.#done = Math.min(this.#done + count, this.#total);
  }

  finish(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#terminal.error("\n");
  }

  #draw(): void {
    const columns = this.#terminal.errorColumns();
    const line = barLine({
      done: this.#done,
      total: this.#total,
      seconds: (performance.now() - this.#startMs) / 1000,
      columns: columns ?? COLUMNS_DEFAULT,
    });
    this.#terminal.error(columns === undefined ? line : `\r${line}`);
  }
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly seconds: number;
  /** Width of the whole line. */
  readonly columns: number;
}

/** `3 / 60 [--->_____] 5.00% 1 p/s`, as wide as the terminal. */
export function barLine({ done, total, seconds, columns }: Progress): string {
  const speed = done === 0 || seconds === 0 ? "?" : Math.round(done / seconds);
  const left = `${done} / ${total} [`;
  const right = `] ${((done * 100) / total).toFixed(2)}% ${speed} p/s`;
  const width = Math.max(columns - left.length - right.length, 0);
  const filled = Math.floor((done * width) / total);
  const head = done > 0 && filled < width ? ">" : "";
  return left + ("-".repeat(filled) + head).padEnd(width, "_") + right;
}
