// SPDX-License-Identifier: Apache-2.0

import { readSync, writeSync } from "node:fs";
import { errorCode, systemErrorText } from "../base/system-error.ts";
import { CommandFailure, ExitCode } from "./exit-code.ts";

/** Where a command writes to and reads from. Texts and bytes leave in the order they came. */
export interface Terminal {
  out(data: string | Uint8Array): void;
  error(data: string | Uint8Array): void;
  /** The next bytes of the standard input; undefined at its end. */
  read(): Uint8Array | undefined;
  /** The rest of the standard input, for a command that does other things while it waits. */
  input(): AsyncIterable<Uint8Array>;
  /** Width of the terminal that shows the error output; undefined when it goes elsewhere. */
  errorColumns(): number | undefined;
  /** Whether a terminal shows the output. */
  outIsTerminal(): boolean;
}

const READ_BYTES = 64 * 1024;

/**
 * The process's own descriptors, written synchronously: commands are short, and a process that
 * ends at once cannot lose what it printed. It also spares loading Node's stream classes.
 */
export function processTerminal(): Terminal {
  return {
    out: (data) => writeAll(1, data),
    error: (data) => writeAll(2, data),
    read: readChunk,
    input: () => process.stdin,
    errorColumns: () => (process.stderr.isTTY ? process.stderr.columns : undefined),
    outIsTerminal: () => process.stdout.isTTY,
  };
}

function writeAll(descriptor: number, data: string | Uint8Array): void {
  let rest = typeof data === "string" ? Buffer.from(data, "utf8") : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (errorCode(error) === "EPIPE") process.exit(EXIT_ON_CLOSED_PIPE);
      if (errorCode(error) === "EAGAIN") pause();
      else if (descriptor === STDERR) return;
      else failToWrite(error);
    }
  }
}

const STDERR = 2;

/** Ends the process, as what it was to tell is lost; where errors are lost there is no telling. */
function failToWrite(error: unknown): never {
  writeAll(STDERR, `Error: write /dev/stdout: ${systemErrorText(error)}\n`);
  process.exit(ExitCode.io);
}

// What a shell reports for a program that was ended by SIGPIPE.
const EXIT_ON_CLOSED_PIPE = 141;

/** @throws {CommandFailure} when the input cannot be read, as a directory cannot */
function readChunk(): Uint8Array | undefined {
  const chunk = new Uint8Array(READ_BYTES);
  for (;;) {
    try {
      const size = readSync(0, chunk);
      return size === 0 ? undefined : chunk.subarray(0, size);
    } catch (error) {
      if (errorCode(error) === "EOF") return undefined;
      if (errorCode(error) !== "EAGAIN") {
        const text = `read /dev/stdin: ${systemErrorText(error)}`;
        throw new CommandFailure(ExitCode.invalidInput, text, { cause: error });
      }
      pause();
    }
  }
}

const PAUSE_MS = 2;

/** A short wait for a descriptor that somebody else set to non-blocking. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
