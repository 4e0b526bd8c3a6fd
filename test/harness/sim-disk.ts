// SPDX-License-Identifier: Apache-2.0
//
// A disk in memory that behaves as badly as a real one may. Writes reach a cache at once; what is
// not synced is lost by `crash` sector by sector, any subset in any order, and so are creations,
// renames and removals whose directory was not synced. A sync that was made to fail loses what it
// should have saved for good, as Linux does, so that trying it again cannot help.

import {
  type Disk,
  DiskError,
  type DiskFile,
  type DiskStat,
  type OpenMode,
} from "../../src/base/contracts/disk.ts";
import { invariant } from "../../src/base/invariant.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SimInode } from "./sim-inode.ts";

export type SimOperation =
  | "open"
  | "read"
  | "write"
  | "fill"
  | "truncate"
  | "datasync"
  | "rename"
  | "remove"
  | "sync-directory"
  | "list";

/** Makes one operation fail. */
export interface SimFault {
  readonly operation: SimOperation;
  /** Only paths that end like this; any path when absent. */
  readonly pathEnd?: string;
  /** How many matching operations pass first; 0 when absent. */
  readonly after?: number;
  readonly code: "ENOSPC" | "EIO";
}

interface PendingFault extends SimFault {
  left: number;
}

/** A change of directory entries: names set to a file, or removed (undefined). */
type EntryChange = ReadonlyMap<string, SimInode | undefined>;

const ROOT = "/";
const PAGE_BYTES = 4096;

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || ROOT;
}

export class SimDisk implements Disk {
  /** Directories are durable when made; the entries in them are not. */
  readonly #directories = new Set<string>([ROOT]);
  #entries = new Map<string, SimInode>();
  #durableEntries = new Map<string, SimInode>();
  readonly #changes = new Map<string, EntryChange[]>();
  /** Directories that were renamed, by the change that has to become durable for it. */
  readonly #renamed = new Map<EntryChange, { readonly from: string; readonly to: string }>();
  readonly #faults: PendingFault[] = [];
  #heldSyncs: (() => void)[] | undefined;
  #life = 0;
  #changesLeft = Number.POSITIVE_INFINITY;
  /** Operations so far, for tests that count them. */
  readonly counts: Record<SimOperation, number> = {
    open: 0,
    read: 0,
    write: 0,
    fill: 0,
    truncate: 0,
    datasync: 0,
    rename: 0,
    remove: 0,
    "sync-directory": 0,
    list: 0,
  };

  /** Lets the next matching operation fail. */
  fail(fault: SimFault): void {
    this.#faults.push({ ...fault, left: fault.after ?? 0 });
  }

  /** Lets everything succeed again. */
  forgetFaults(): void {
    this.#faults.length = 0;
  }

  /**
   * The power fails after so many more operations that change something: what follows fails and
   * does nothing, until `crash` has shown what is left.
   */
  cutPowerAfter(changes: number): void {
    this.#changesLeft = changes;
  }

  /** Whether an operation has met a disk without power. */
  get isDark(): boolean {
    return this.#changesLeft < 0;
  }

  /** From now on asynchronous syncs stay open until `releaseSyncs`. */
  holdSyncs(): void {
    this.#heldSyncs ??= [];
  }

  get heldSyncCount(): number {
    return this.#heldSyncs?.length ?? 0;
  }

  /** Carries out the held syncs in their order and holds no more. */
  releaseSyncs(): void {
    const held = this.#heldSyncs ?? [];
    this.#heldSyncs = undefined;
    for (const release of held) release();
  }

  /** Power failure: some of what was not synced survives, chosen by the seed. Handles die. */
  crash(options: { readonly seed: number }): void {
    const random = new SeededRandom(options.seed);
    const keepPercent = [0, 10, 50, 90, 100][random.intBelow(5)] ?? 50;
    for (const changes of this.#changes.values()) {
      for (const change of changes) if (random.chance(keepPercent)) this.#makeDurable(change);
    }
    this.#changes.clear();
    for (const { from, to } of [...this.#renamed.values()].reverse()) this.#moveNames(to, from);
    this.#renamed.clear();
    this.#life++;
    this.#heldSyncs = undefined;
    this.#faults.length = 0;
    this.#changesLeft = Number.POSITIVE_INFINITY;
    this.#entries = new Map(this.#durableEntries);
    for (const inode of new Set(this.#entries.values())) inode.crash(random, keepPercent);
  }

  /** The process dies, the machine stays up: the cache survives, handles die. */
  killProcess(): void {
    this.#life++;
    this.#heldSyncs = undefined;
  }

  open(path: string, mode: OpenMode): DiskFile {
    this.step("open", path);
    if (!this.#directories.has(parentOf(path))) throw missing("open", path);
    let inode = this.#entries.get(path);
    if (mode === "create-exclusive" && inode !== undefined) throw simError("open", path, "EEXIST");
    if (mode === "create" || mode === "create-exclusive") {
      if (inode === undefined) {
        inode = new SimInode();
        this.#change(parentOf(path), new Map([[path, inode]]));
      } else inode.truncate(0);
    }
    if (inode === undefined) throw missing("open", path);
    return new SimFile(this, inode, path, mode !== "read");
  }

  stat(path: string): DiskStat | undefined {
    if (this.#directories.has(path)) return { size: 0, isDirectory: true, mode: 0o700 };
    const inode = this.#entries.get(path);
    return inode && { size: inode.size, isDirectory: false, mode: 0o600 };
  }

  list(path: string): string[] {
    this.step("list", path);
    const children = [...this.#entries.keys(), ...this.#directories].filter(
      (child) => child !== ROOT && parentOf(child) === path,
    );
    return children.map((child) => child.slice(child.lastIndexOf("/") + 1)).sort();
  }

  makeDirectory(path: string, _permissions = 0o700): void {
    for (let at = path; at !== ROOT; at = parentOf(at)) this.#directories.add(at);
  }

  rename(from: string, to: string): void {
    this.step("rename", from);
    if (this.#directories.has(from)) {
      this.#renameDirectory(from, to);
      return;
    }
    const inode = this.#entries.get(from);
    if (inode === undefined) throw missing("rename", from);
    const change = new Map<string, SimInode | undefined>([[from, undefined]]);
    this.#change(parentOf(to), change.set(to, inode));
  }

  /** All entries move with the directory; either all survive a crash under the new name or none. */
  #renameDirectory(from: string, to: string): void {
    if (this.list(to).length > 0) throw simError("rename", from, "ENOTEMPTY");
    const moved = new Map<string, SimInode | undefined>();
    for (const [path, inode] of this.#entries) {
      if (!path.startsWith(`${from}/`)) continue;
      moved.set(path, undefined);
      // What the old directory had not synced is not in the new one either after a crash.
      moved.set(to + path.slice(from.length), inode);
    }
    this.#moveNames(from, to);
    invariant((this.#changes.get(from)?.length ?? 0) === 0, `sync ${from} before renaming it`);
    this.#renamed.set(moved, { from, to });
    this.#change(parentOf(to), moved);
  }

  #moveNames(from: string, to: string): void {
    for (const directory of [...this.#directories]) {
      if (directory !== from && !directory.startsWith(`${from}/`)) continue;
      this.#directories.delete(directory);
      this.#directories.add(to + directory.slice(from.length));
    }
  }

  removeFile(path: string): void {
    this.step("remove", path);
    if (!this.#entries.has(path)) throw missing("unlink", path);
    this.#change(parentOf(path), new Map([[path, undefined]]));
  }

  removeFileAside(path: string): Promise<void> {
    return this.runAside(() => this.removeFile(path));
  }

  removeTree(path: string): void {
    for (const child of [...this.#entries.keys()]) {
      if (child === path || child.startsWith(`${path}/`)) this.removeFile(child);
    }
    for (const directory of [...this.#directories]) {
      if (directory === path || directory.startsWith(`${path}/`)) {
        this.#directories.delete(directory);
        this.#changes.delete(directory);
      }
    }
  }

  syncDirectory(path: string): void {
    this.step("sync-directory", path);
    for (const change of this.#changes.get(path) ?? []) this.#makeDurable(change);
    this.#changes.delete(path);
  }

  syncDirectoryAside(path: string): Promise<void> {
    return this.runAside(() => this.syncDirectory(path));
  }

  /** The whole content of a file as programs see it now. */
  readFile(path: string): Uint8Array {
    const inode = this.#entries.get(path);
    if (inode === undefined) throw missing("read", path);
    return inode.read(0, inode.size);
  }

  /** Puts a durable file there, as if it had come with the disk. */
  placeFile(path: string, bytes: Uint8Array): void {
    this.makeDirectory(parentOf(path));
    const inode = new SimInode();
    inode.write(bytes, 0);
    inode.sync(inode.mark());
    this.#entries.set(path, inode);
    this.#durableEntries.set(path, inode);
  }

  /** Counts the operation and throws if a fault is due. */
  step(operation: SimOperation, path: string): void {
    this.counts[operation]++;
    if (operation !== "read" && operation !== "list" && --this.#changesLeft < 0) {
      throw simError(operation, path, "EIO");
    }
    const at = this.#faults.findIndex(
      (fault) => fault.operation === operation && path.endsWith(fault.pathEnd ?? ""),
    );
    const fault = this.#faults[at];
    if (fault === undefined || fault.left-- > 0) return;
    this.#faults.splice(at, 1);
    throw simError(operation, path, fault.code);
  }

  get life(): number {
    return this.#life;
  }

  /** Runs `action` in a later microtask, or when the test releases it; never after a crash. */
  runAside(action: () => void): Promise<void> {
    const life = this.#life;
    return new Promise((resolve, reject) => {
      const run = () => {
        if (life !== this.#life) return;
        try {
          action();
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (this.#heldSyncs === undefined) queueMicrotask(run);
      else this.#heldSyncs.push(run);
    });
  }

  #change(directory: string, change: EntryChange): void {
    const changes = this.#changes.get(directory) ?? [];
    changes.push(change);
    this.#changes.set(directory, changes);
    applyChange(this.#entries, change);
  }

  #makeDurable(change: EntryChange): void {
    this.#renamed.delete(change);
    applyChange(this.#durableEntries, change);
  }
}

function applyChange(entries: Map<string, SimInode>, change: EntryChange): void {
  for (const [path, inode] of change) {
    if (inode === undefined) entries.delete(path);
    else entries.set(path, inode);
  }
}

function simError(operation: string, path: string, code: string): DiskError {
  return new DiskError(operation, path, Object.assign(new Error(`${code}: simulated`), { code }));
}

function missing(operation: string, path: string): DiskError {
  return simError(operation, path, "ENOENT");
}

class SimFile implements DiskFile {
  readonly path: string;
  readonly #disk: SimDisk;
  readonly #inode: SimInode;
  readonly #isWritable: boolean;
  readonly #life: number;
  #isClosed = false;

  constructor(disk: SimDisk, inode: SimInode, path: string, isWritable: boolean) {
    this.#disk = disk;
    this.#inode = inode;
    this.path = path;
    this.#isWritable = isWritable;
    this.#life = disk.life;
  }

  #use(forWriting: boolean): SimInode {
    invariant(!this.#isClosed, `use of a closed file: ${this.path}`);
    invariant(!this.#isDead, `use of a file from before the crash: ${this.path}`);
    invariant(!forWriting || this.#isWritable, `write to a file open for reading: ${this.path}`);
    return this.#inode;
  }

  read(position: number, length: number): Uint8Array {
    const inode = this.#use(false);
    this.#disk.step("read", this.path);
    return inode.read(position, length);
  }

  readInto(target: Uint8Array, position: number): number {
    const bytes = this.read(position, target.length);
    target.set(bytes);
    return bytes.length;
  }

  /**
   * Keeps a copy: the caller may reuse its buffer. A failing write leaves about half of its
   * bytes: whole pages of the file, as the kernel does.
   */
  write(bytes: Uint8Array, position: number): void {
    const inode = this.#use(true);
    try {
      this.#disk.step("write", this.path);
    } catch (error) {
      const half = position + (bytes.length >>> 1);
      const pageEnd = half - (half % PAGE_BYTES);
      inode.write(bytes.subarray(0, Math.max(0, pageEnd - position)), position);
      throw error;
    }
    inode.write(bytes, position);
  }

  /** What goes on beside a process that has died goes nowhere: the promise never settles. */
  get #isDead(): boolean {
    return this.#life !== this.#disk.life;
  }

  datasync(): Promise<void> {
    if (this.#isDead) return new Promise(() => {});
    const inode = this.#use(false);
    const mark = inode.mark();
    return this.#disk.runAside(() => this.#sync(inode, mark));
  }

  datasyncNow(): void {
    const inode = this.#use(false);
    this.#sync(inode, inode.mark());
  }

  #sync(inode: SimInode, mark: number): void {
    try {
      this.#disk.step("datasync", this.path);
    } catch (error) {
      // Without power nothing is given up: what the disk had begun to write may be there.
      if (!this.#disk.isDark) inode.loseUnsynced();
      throw error;
    }
    inode.sync(mark);
  }

  truncate(size: number): void {
    const inode = this.#use(true);
    this.#disk.step("truncate", this.path);
    inode.truncate(size);
  }

  fillZeros(position: number, length: number): Promise<void> {
    if (this.#isDead) return new Promise(() => {});
    const inode = this.#use(true);
    return this.#disk.runAside(() => {
      this.#disk.step("fill", this.path);
      inode.write(new Uint8Array(length), position);
    });
  }

  size(): number {
    return this.#use(false).size;
  }

  close(): void {
    if (!this.#isDead) this.#use(false);
    this.#isClosed = true;
  }
}
