// SPDX-License-Identifier: Apache-2.0

import type { Logger } from "../../base/contracts/logger.ts";
import { errorText } from "../../base/error-text.ts";

const CALLER = "jobs/file-purge.ts";
export const PURGE_INTERVAL_MS = 30_000;

/** Files of one kind, of which only so many are kept. */
export interface PurgeSource {
  readonly directory: string;
  /** Deletes some of those that are too many; answers with their names, none when all is done. */
  purge(): Promise<readonly string[]>;
}

export interface FilePurgeParts {
  readonly sources: readonly PurgeSource[];
  /** A snapshot is being recorded: its file counts already, and those before it are still needed. */
  readonly isBusy: () => boolean;
  readonly logger: Logger;
}

/** Deletes log segments and snapshot files beyond their limits, at the start and every 30 s. */
export class FilePurge {
  readonly #parts: FilePurgeParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: FilePurgeParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), PURGE_INTERVAL_MS);
    this.tick();
  }

  /** Nothing is deleted any more once this has resolved. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** The timer's work. */
  tick(): void {
    this.#running ??= this.#purgeAll().finally(() => {
      this.#running = undefined;
    });
  }

  async #purgeAll(): Promise<void> {
    for (const source of this.#parts.sources) {
      try {
        await this.#purge(source);
      } catch (error) {
        // The member goes on: it only takes more of the disk, and the next turn tries again.
        this.#parts.logger.log("warn", CALLER, "failed to purge files", {
          directory: source.directory,
          error: errorText(error),
        });
      }
    }
  }

  /** Gives way to requests between the files. */
  async #purge({ directory, purge }: PurgeSource): Promise<void> {
    const { isBusy, logger } = this.#parts;
    while (!this.#stopped && !isBusy()) {
      const names = await purge();
      if (names.length === 0) return;
      for (const name of names) {
        logger.log("info", CALLER, "purged", { path: `${directory}/${name}` });
      }
      await new Promise(setImmediate);
    }
  }
}
