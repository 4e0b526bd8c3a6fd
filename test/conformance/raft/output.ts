// SPDX-License-Identifier: Apache-2.0

import type { RaftLogger } from "../../../src/core/raft/index.ts";

const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE"] as const;
export type Level = (typeof LEVELS)[number];

/** The level of a name in any case, or undefined. */
export function parseLevel(name: string): Level | undefined {
  return LEVELS.find((level) => level === name.toUpperCase());
}

export const LEVEL_NAMES: string = LEVELS.join(" ");

/**
 * What a directive prints. The engine logs into the same text, so that its lines stand where they
 * happen. At the level NONE everything is swallowed, what directives print as well.
 */
export class Output implements RaftLogger {
  level: Level = "DEBUG";
  #text = "";

  get text(): string {
    return this.#text;
  }

  clear(): void {
    this.#text = "";
  }

  print(text: string): void {
    if (this.level !== "NONE") this.#text += text;
  }

  printLine(text: string): void {
    this.print(`${text}\n`);
  }

  /** Runs `body` and writes every line that it prints two blanks further to the right. */
  indented<T>(body: () => T): T {
    const outer = this.#text;
    this.#text = "";
    try {
      return body();
    } finally {
      const lines = this.#text.split("\n");
      if (lines.at(-1) === "") lines.pop();
      this.#text = outer + lines.map((line) => `  ${line}\n`).join("");
    }
  }

  #log(level: Level, text: string): void {
    if (LEVELS.indexOf(this.level) <= LEVELS.indexOf(level)) this.printLine(`${level} ${text}`);
  }

  debug(text: string): void {
    this.#log("DEBUG", text);
  }

  info(text: string): void {
    this.#log("INFO", text);
  }

  warn(text: string): void {
    this.#log("WARN", text);
  }

  error(text: string): void {
    this.#log("ERROR", text);
  }
}
