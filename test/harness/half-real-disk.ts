// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import type { DiskFile, OpenMode } from "../../src/base/contracts/disk.ts";
import { SimDisk } from "./sim-disk.ts";

/**
 * A simulated disk whose directories exist for real too, since not everything goes through the
 * disk: locks are sockets, and LMDB makes an empty store by itself. Such a store is copied in,
 * synced, when it is opened to be filled.
 */
export class HalfRealDisk extends SimDisk {
  override makeDirectory(path: string): void {
    super.makeDirectory(path);
    mkdirSync(path, { recursive: true });
  }

  override removeTree(path: string): void {
    super.removeTree(path);
    rmSync(path, { recursive: true, force: true });
  }

  override open(path: string, mode: OpenMode): DiskFile {
    if (mode === "write" && this.stat(path) === undefined && existsSync(path)) {
      const copy = super.open(path, "create-exclusive");
      copy.write(readFileSync(path), 0);
      copy.datasyncNow();
      copy.close();
    }
    return super.open(path, mode);
  }
}
