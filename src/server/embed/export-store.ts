// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { StoreExport } from "../../interchange/index.ts";
import type { DataPaths } from "../bootstrap/data-dir.ts";
import type { DatabaseStream } from "../grpc/index.ts";
import type { Member } from "./member.ts";

/** Asked for at a time, ahead of the client; a handful of them is held per snapshot. */
const CHUNK_BYTES = 512 * 1024;
/** Names that start so are cleared away at a start. */
const TEMPORARY_PREFIX = "tmp-export";

/** Exports the store of a running member as databases of etcd. */
export function storeExporter(paths: DataPaths, member: Member): () => Promise<DatabaseStream> {
  let exports = 0;
  return async () => {
    exports++;
    const path = join(paths.snap, `${TEMPORARY_PREFIX}-${exports}`);
    await member.commitStore();
    const order = { store: paths.store, path, chunkBytes: CHUNK_BYTES };
    const started = await StoreExport.start(order);
    return {
      sizeBytes: started.sizeBytes,
      next: () => started.export.next(),
      close: () => started.export.close(),
    };
  };
}
