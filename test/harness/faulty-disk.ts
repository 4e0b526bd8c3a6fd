// SPDX-License-Identifier: Apache-2.0

import type { Disk, DiskFile, DiskStat, OpenMode } from "../../src/base/contracts/disk.ts";
import { DiskError } from "../../src/base/contracts/disk.ts";

/** From the `after`-th such operation on a path with this part, all operations like it fail. */
export interface Fault {
  readonly operation: "write" | "datasync";
  readonly pathPart: string;
  readonly after: number;
  /** The operating system's code, such as EIO or ENOSPC. */
  readonly code: string;
}

interface Undo {
  readonly position: number;
  readonly before: Uint8Array;
}

/**
 * A real disk on which something fails. A failed sync loses what was written since the last good
 * one, as kernels do that drop the pages: whatever was acknowledged without it is gone.
 */
export class FaultyDisk implements Disk {
  readonly #disk: Disk;
  readonly #fault: Fault;
  #count = 0;

  constructor(disk: Disk, fault: Fault) {
    this.#disk = disk;
    this.#fault = fault;
  }

  open(path: string, mode: OpenMode, permissions?: number): DiskFile {
    return new FaultyFile(this.#disk.open(path, mode, permissions), (operation) =>
      this.#check(operation, path),
    );
  }

  #check(operation: Fault["operation"], path: string): void {
    const fault = this.#fault;
    if (operation !== fault.operation || !path.includes(fault.pathPart)) return;
    if (++this.#count <= fault.after) return;
    const cause = Object.assign(new Error(`${fault.code}: injected`), { code: fault.code });
    throw new DiskError(operation, path, cause);
  }

  stat(path: string): DiskStat | undefined {
    return this.#disk.stat(path);
  }

  list(path: string): string[] {
    return this.#disk.list(path);
  }

  makeDirectory(path: string, permissions: number): void {
    this.#disk.makeDirectory(path, permissions);
  }

  rename(from: string, to: string): void {
    this.#disk.rename(from, to);
  }

  removeFile(path: string): void {
    this.#disk.removeFile(path);
  }

  removeFileAside(path: string): Promise<void> {
    return this.#disk.removeFileAside(path);
  }

  removeTree(path: string): void {
    this.#disk.removeTree(path);
  }

  syncDirectory(path: string): void {
    this.#disk.syncDirectory(path);
  }

  syncDirectoryAside(path: string): Promise<void> {
    return this.#disk.syncDirectoryAside(path);
  }
}

class FaultyFile implements DiskFile {
  readonly path: string;
  readonly #file: DiskFile;
  readonly #check: (operation: Fault["operation"]) => void;
  #unsynced: Undo[] = [];

  constructor(file: DiskFile, check: (operation: Fault["operation"]) => void) {
    this.#file = file;
    this.#check = check;
    this.path = file.path;
  }

  read(position: number, length: number): Uint8Array {
    return this.#file.read(position, length);
  }

  readInto(target: Uint8Array, position: number): number {
    return this.#file.readInto(target, position);
  }

  write(bytes: Uint8Array, position: number): void {
    this.#check("write");
    this.#unsynced.push({ position, before: this.#file.read(position, bytes.length).slice() });
    this.#file.write(bytes, position);
  }

  async datasync(): Promise<void> {
    this.#failOrGoOn();
    const covered = this.#unsynced.length;
    await this.#file.datasync();
    this.#unsynced = this.#unsynced.slice(covered);
  }

  datasyncNow(): void {
    this.#failOrGoOn();
    this.#file.datasyncNow();
    this.#unsynced = [];
  }

  #failOrGoOn(): void {
    try {
      this.#check("datasync");
    } catch (error) {
      for (const { position, before } of this.#unsynced.splice(0).reverse()) {
        this.#file.write(before, position);
      }
      throw error;
    }
  }

  truncate(size: number): void {
    this.#file.truncate(size);
  }

  fillZeros(position: number, length: number): Promise<void> {
    return this.#file.fillZeros(position, length);
  }

  size(): number {
    return this.#file.size();
  }

  close(): void {
    this.#file.close();
  }
}
