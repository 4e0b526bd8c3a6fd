// SPDX-License-Identifier: Apache-2.0

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lastValidSnapshot, readLog } from "../../../src/core/wal/index.ts";
import { dataPaths } from "../../../src/member/index.ts";
import { NodeDisk } from "../../../src/platform/node-disk.ts";
import { beginUtil, type KillKind, type Moment, type Working } from "./kill-kind.ts";
import {
  checkHash,
  checkSound,
  databaseHash,
  fileHash,
  type Sources,
  storeHash,
} from "./sources.ts";

type Build = "restore" | "restore-go" | "export";

/** A directory is built: it is absent or whole, and what it is built from stays as it was. */
export class BuildKind implements KillKind {
  readonly name: Build;
  readonly #sources: Sources;
  readonly #target: string;
  readonly #snapshotHash: string;

  constructor(name: Build, sources: Sources) {
    this.name = name;
    this.#sources = sources;
    this.#target = join(sources.folder, "target");
    this.#snapshotHash = fileHash(sources.snapshot);
  }

  reset(): void {
    rmSync(this.#target, { recursive: true, force: true });
  }

  begin(): Promise<Working> {
    const { snapshot, member } = this.#sources;
    if (this.name === "export") {
      return beginUtil(["export", "--data-dir", member, "--to", this.#target]);
    }
    const restore = ["snapshot", "restore", snapshot, "--data-dir", this.#target];
    return beginUtil(this.name === "restore" ? restore : [...restore, "--format=go"]);
  }

  async examine(): Promise<Moment> {
    if (fileHash(this.#sources.snapshot) !== this.#snapshotHash) {
      throw new Error("the snapshot was changed");
    }
    if (existsSync(this.#target)) {
      await this.#checkWhole();
      return "after";
    }
    return existsSync(`${this.#target}.unfinished`) ? "between" : "before";
  }

  async complete(): Promise<void> {
    this.reset();
    await (await this.begin()).finish();
    await this.#checkWhole();
    if (existsSync(`${this.#target}.unfinished`)) throw new Error("something was left beside");
    const { store } = dataPaths(this.#sources.member, undefined);
    checkHash(this.#sources, await storeHash(store), "what was exported");
  }

  async #checkWhole(): Promise<void> {
    const disk = new NodeDisk();
    const paths = dataPaths(this.#target, undefined);
    await checkSound(this.#target);
    const { index, term } = lastValidSnapshot(disk, paths.wal) ?? { index: 0, term: 0 };
    readLog(disk, paths.wal, { index, term });
    if (index !== 1) throw new Error(`the log starts at ${index}`);
    const hash =
      this.name === "restore" ? await storeHash(paths.store) : databaseHash(paths.goDatabase);
    checkHash(this.#sources, hash, this.#target);
  }
}
