// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import type { Snapshot } from "../raft/index.ts";
import { SnapError } from "./errors.ts";
import {
  DATABASE_SUFFIX,
  databaseFileName,
  decodeSnapFile,
  encodeSnapFile,
  parseDatabaseFileName,
  SNAP_SUFFIX,
  snapFileName,
} from "./format.ts";

/** A file that could not be read and now ends in `.broken`. */
export interface BrokenSnapshot {
  readonly name: string;
  readonly problem: string;
}

export interface LoadedSnapshot {
  /** Undefined when no file is both readable and wanted. */
  readonly snapshot: Snapshot | undefined;
  readonly broken: readonly BrokenSnapshot[];
}

/** The files in a member's `snap` directory, apart from the database itself. */
export class Snapshotter {
  readonly #disk: Disk;
  readonly #directory: string;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /**
   * Writes the snapshot's file and answers with its name; durable when it resolves. The file
   * takes its name only when it is whole. Its record in the log must come after.
   */
  async save(snapshot: Snapshot): Promise<string> {
    const { term, index } = snapshot.metadata;
    const name = snapFileName(term, index);
    // Go etcd clears names that start with tmp away, and so does `removeLeftovers`. The name must
    // not end in .snap, or it would count as a snapshot.
    const temporary = `${this.#directory}/tmp-${name.slice(0, -SNAP_SUFFIX.length)}`;
    const file = this.#disk.open(temporary, "create", 0o666);
    try {
      file.write(encodeSnapFile(snapshot), 0);
      await file.datasync();
    } finally {
      file.close();
    }
    this.#disk.rename(temporary, `${this.#directory}/${name}`);
    await this.#disk.syncDirectoryAside(this.#directory);
    return name;
  }

  /** Names of the snapshot files, newest first. */
  list(): string[] {
    return this.#endingIn(SNAP_SUFFIX).reverse();
  }

  /**
   * The newest snapshot that is readable and that `isWanted` takes, such as one that the log
   * knows. Files that cannot be read on the way are renamed, as etcd does.
   */
  loadNewest(isWanted: (snapshot: Snapshot) => boolean = () => true): LoadedSnapshot {
    const broken: BrokenSnapshot[] = [];
    for (const name of this.list()) {
      try {
        const snapshot = this.read(name);
        if (isWanted(snapshot)) return { snapshot, broken };
      } catch (error) {
        if (!(error instanceof SnapError)) throw error;
        const path = `${this.#directory}/${name}`;
        this.#disk.rename(path, `${path}.broken`);
        broken.push({ name, problem: error.message });
      }
    }
    return { snapshot: undefined, broken };
  }

  /** Reads one file and changes nothing. Throws a `SnapError` when it is damaged. */
  read(name: string): Snapshot {
    const path = `${this.#directory}/${name}`;
    const file = this.#disk.open(path, "read");
    try {
      return decodeSnapFile(file.read(0, file.size()), path);
    } finally {
      file.close();
    }
  }

  /** Where the database that came with the snapshot at `index` is, or has to be put. */
  databasePath(index: number): string {
    return `${this.#directory}/${databaseFileName(index)}`;
  }

  /**
   * Deletes the oldest snapshot files and the oldest received databases while there are more
   * than `countMax` of either, one by one and beside the caller; 0 keeps everything. Answers with
   * the deleted names.
   */
  async purge(countMax: number): Promise<string[]> {
    if (countMax === 0) return [];
    const doomed = [SNAP_SUFFIX, DATABASE_SUFFIX].flatMap((suffix) =>
      this.#endingIn(suffix).slice(0, -countMax),
    );
    for (const name of doomed) await this.#disk.removeFileAside(`${this.#directory}/${name}`);
    return doomed;
  }

  /** Deletes received databases that are older than the snapshot at `index`. */
  removeDatabasesBefore(index: number): string[] {
    const old = this.#endingIn(DATABASE_SUFFIX).filter((name) => {
      const at = parseDatabaseFileName(name);
      return at !== undefined && at < index;
    });
    return this.#remove(old);
  }

  /** Deletes what a crash has left half written: for the start of a member. */
  removeLeftovers(): string[] {
    const names = this.#disk.list(this.#directory);
    return this.#remove(names.filter((name) => /^(tmp|db\.tmp)/.test(name)));
  }

  #endingIn(suffix: string): string[] {
    return this.#disk.list(this.#directory).filter((name) => name.endsWith(suffix));
  }

  #remove(names: readonly string[]): string[] {
    for (const name of names) this.#disk.removeFile(`${this.#directory}/${name}`);
    return [...names];
  }
}
