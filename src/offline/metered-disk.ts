// SPDX-License-Identifier: Apache-2.0

import { join, resolve } from "node:path";
import type { Disk, DiskFile, DiskStat, OpenMode } from "../base/contracts/disk.ts";
import type { ReportProgress } from "./progress.ts";

/** What will be read, and how many times. Of a directory, the files in it. */
export interface Passes {
  readonly path: string;
  readonly times: number;
}

/**
 * A disk that tells after each read how much has been read of what is to be read. That is an
 * estimate: the end of a log's last segment is empty and left out, and damage ends a work early.
 */
export class MeteredDisk implements Disk {
  readonly #disk: Disk;
  readonly #total: number;
  readonly #report: ReportProgress;
  #done = 0;

  constructor(disk: Disk, passes: readonly Passes[], report: ReportProgress) {
    this.#disk = disk;
    this.#report = report;
    this.#total = passes.reduce(
      (sum, { path, times }) => sum + times * bytesOf(disk, resolve(path)),
      0,
    );
  }

  open(path: string, mode: OpenMode, permissions?: number): DiskFile {
    const file = this.#disk.open(path, mode, permissions);
    return new MeteredFile(file, (bytes) => {
      this.#done = Math.min(this.#done + bytes, this.#total);
      this.#report(this.#done, this.#total);
    });
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

function bytesOf(disk: Disk, path: string): number {
  try {
    const stat = disk.stat(path);
    if (stat?.isDirectory !== true) return stat?.size ?? 0;
    const files = disk.list(path).map((name) => disk.stat(join(path, name)));
    return files.reduce((sum, file) => sum + (file?.isDirectory === false ? file.size : 0), 0);
  } catch {
    // Whoever reads it says what is wrong; until then nothing is known about it.
    return 0;
  }
}

class MeteredFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #count: (bytes: number) => void;

  constructor(file: DiskFile, count: (bytes: number) => void) {
    this.#file = file;
    this.#count = count;
  }

  get path(): string {
    return this.#file.path;
  }
  read(position: number, length: number): Uint8Array {
    const bytes = this.#file.read(position, length);
    this.#count(bytes.length);
    return bytes;
  }
  readInto(target: Uint8Array, position: number): number {
    const bytes = this.#file.readInto(target, position);
    this.#count(bytes);
    return bytes;
  }
  write(bytes: Uint8Array, position: number): void {
    this.#file.write(bytes, position);
  }
  datasync(): Promise<void> {
    return this.#file.datasync();
  }
  datasyncNow(): void {
    this.#file.datasyncNow();
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
