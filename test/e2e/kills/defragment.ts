// SPDX-License-Identifier: Apache-2.0

import { existsSync, statSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { dataPaths } from "../../../src/member/index.ts";
import { beginUtil, type KillKind, type Moment, type Working } from "./kill-kind.ts";
import {
  checkHash,
  checkSound,
  copyFresh,
  databaseHash,
  fileHash,
  type Sources,
  storeHash,
} from "./sources.ts";

/**
 * The store of a stopped member is written anew: whatever the moment, either the old one or the
 * new one is there, whole.
 */
export class DefragmentKind implements KillKind {
  readonly name: "defrag" | "defrag-go";
  readonly #sources: Sources;
  readonly #dataDir: string;
  readonly #from: string;
  /** The file that is replaced, and where its copy is made. */
  readonly #file: string;
  readonly #copy: string;
  #inode = 0;

  constructor(name: "defrag" | "defrag-go", sources: Sources) {
    this.name = name;
    this.#sources = sources;
    this.#dataDir = join(sources.folder, name);
    this.#from = name === "defrag" ? sources.loose : sources.goMember;
    const { store, storeFile, goDatabase } = dataPaths(this.#dataDir, undefined);
    this.#file = name === "defrag" ? storeFile : goDatabase;
    this.#copy = `${name === "defrag" ? store : goDatabase}.compacting`;
  }

  reset(): void {
    copyFresh(this.#from, this.#dataDir);
    this.#inode = statSync(this.#file).ino;
  }

  async begin(): Promise<Working> {
    const copying = Promise.withResolvers<void>();
    const watcher = watch(dirname(this.#copy), (_event, name) => {
      if (name === basename(this.#copy)) copying.resolve();
    });
    try {
      const working = await beginUtil(["defrag", "--data-dir", this.#dataDir]);
      // The thread that copies a database takes longer to start than to copy.
      const hasEnded = working.finish().catch(() => {});
      if (this.name === "defrag-go") await Promise.race([copying.promise, hasEnded]);
      return working;
    } finally {
      watcher.close();
    }
  }

  async examine(): Promise<Moment> {
    const isNew = statSync(this.#file).ino !== this.#inode;
    const moment = isNew ? "after" : existsSync(this.#copy) ? "between" : "before";
    if (this.name === "defrag-go") {
      checkHash(this.#sources, databaseHash(this.#file), this.#file);
      const original = dataPaths(this.#from, undefined).goDatabase;
      if (!isNew && fileHash(this.#file) !== fileHash(original)) throw new Error("it was changed");
    }
    // Our own store is opened by `complete` only: to open it is to clear up behind the kill.
    await checkSound(this.#dataDir);
    return moment;
  }

  async complete(): Promise<void> {
    // The number of a file that was replaced before may be given to the next one.
    this.#inode = statSync(this.#file).ino;
    await (await this.begin()).finish();
    await checkSound(this.#dataDir);
    if (existsSync(this.#copy)) throw new Error("a copy was left beside");
    if (statSync(this.#file).ino === this.#inode) throw new Error("nothing was replaced");
    const { store } = dataPaths(this.#dataDir, undefined);
    const hash = this.name === "defrag" ? await storeHash(store) : databaseHash(this.#file);
    checkHash(this.#sources, hash, this.#file);
    if (this.name === "defrag-go") return;
    const { storeFile } = dataPaths(this.#from, undefined);
    const [before, now] = [statSync(storeFile).size, statSync(this.#file).size];
    if (now > (before * 3) / 4) throw new Error(`the store has ${now} of ${before} bytes left`);
  }
}
