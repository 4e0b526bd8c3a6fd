// SPDX-License-Identifier: Apache-2.0

import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Outcome } from "./run-ctl.ts";

/** A program with somebody at the keyboard. */
export class Typist {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #written = { stdout: "", stderr: "" };
  readonly #closed: Promise<number | null>;
  #change = Promise.withResolvers<void>();
  #ended = false;
  /** What has been waited for already, by output. */
  #seen = { stdout: 0, stderr: 0 };

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdin.on("error", () => {});
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("latin1").on("data", (text: string) => {
        this.#written[name] += text;
        this.#change.resolve();
      });
    }
    this.#closed = new Promise((resolve) => {
      child.on("close", (code) => {
        this.#ended = true;
        this.#change.resolve();
        resolve(code);
      });
    });
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Waits for a text behind the one that was waited for before. */
  async until(text: string): Promise<void> {
    for (;;) {
      for (const name of ["stdout", "stderr"] as const) {
        const index = this.#written[name].indexOf(text, this.#seen[name]);
        if (index === -1) continue;
        this.#seen[name] = index + text.length;
        return;
      }
      const { stdout, stderr } = this.#written;
      if (this.#ended) throw new Error(`ended without "${text}":\n${stdout}\n${stderr}`);
      await this.#change.promise;
      this.#change = Promise.withResolvers();
    }
  }

  /** Ends its input, sends a signal if one is given, and waits for its end. */
  async end(signal?: NodeJS.Signals): Promise<Outcome> {
    this.#child.stdin.end();
    if (signal !== undefined) this.#child.kill(signal);
    const code = await this.#closed;
    return { code, ...this.#written };
  }
}
