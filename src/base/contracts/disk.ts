// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../error-text.ts";
import { errorCode } from "../system-error.ts";

export interface DiskStat {
  readonly size: number;
  readonly isDirectory: boolean;
  readonly mode: number;
}

/**
 * An open file. Writes go to the operating system's cache at once and are lost by a power
 * failure until `datasync` has resolved. Every failure throws or rejects with a
 * `DiskError` that carries path, operation and cause.
 */
export interface DiskFile {
  readonly path: string;
  /** Reads up to `length` bytes from `position`; shorter at the end of the file. */
  read(position: number, length: number): Uint8Array;
  /** The same into memory of the caller: fills `target` from its start and gives the count. */
  readInto(target: Uint8Array, position: number): number;
  /** Writes all of `bytes` at `position`, extending the file where needed. */
  write(bytes: Uint8Array, position: number): void;
  /** Makes the data durable (fdatasync). A rejection means: nothing more may be acknowledged. */
  datasync(): Promise<void>;
  /** The same, blocking: cheaper than a thread hop when nothing else is waiting. */
  datasyncNow(): void;
  /** Sets the length; what is added reads as zeros and need not occupy disk space. */
  truncate(size: number): void;
  /**
   * Writes zeros over [position, position + length) beside the caller, so that later writes there
   * need no new disk blocks. Nobody else may write into that range until the promise settles.
   */
  fillZeros(position: number, length: number): Promise<void>;
  size(): number;
  /** Takes effect once the operations in flight have settled; later calls are an error. */
  close(): void;
}

export type OpenMode = "read" | "write" | "create" | "create-exclusive";

/** The disk. Paths are absolute. Metadata changes are durable after `syncDirectory`. */
export interface Disk {
  /** `write` opens an existing file for reading and writing; `create` makes or truncates one. */
  open(path: string, mode: OpenMode, permissions?: number): DiskFile;
  stat(path: string): DiskStat | undefined;
  /** Names in the directory, sorted bytewise; empty when it does not exist. */
  list(path: string): string[];
  /** Makes the directory and its missing parents; one that exists is left as it is. */
  makeDirectory(path: string, permissions: number): void;
  /** Replaces `to` if it exists. */
  rename(from: string, to: string): void;
  removeFile(path: string): void;
  /** The same beside the caller: giving back the blocks of a large file takes tens of ms. */
  removeFileAside(path: string): Promise<void>;
  /** Removes a file or a directory with all it holds; a missing one is no error. */
  removeTree(path: string): void;
  /** Makes the directory's entries durable, blocking. */
  syncDirectory(path: string): void;
  /** The same beside the caller. */
  syncDirectoryAside(path: string): Promise<void>;
}

/** An operating error of the disk: names the operation and the path, keeps the cause. */
export class DiskError extends Error {
  readonly operation: string;
  readonly path: string;
  /** The operating system's code, such as ENOSPC or EACCES; undefined where there is none. */
  readonly code: string | undefined;
  constructor(operation: string, path: string, cause: unknown) {
    const text = errorText(cause);
    super(`${operation} ${path}: ${text}`, { cause });
    this.name = "DiskError";
    this.operation = operation;
    this.path = path;
    this.code = errorCode(cause);
  }
}
