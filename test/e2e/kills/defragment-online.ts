// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { KVService, MaintenanceService } from "../../../src/api/gen/etcdserverpb.ts";
import { dataPaths } from "../../../src/member/index.ts";
import { GrpcClient } from "../../harness/grpc-client.ts";
import { ServerProcess } from "../../harness/server-process.ts";
import { type KillKind, type Moment, ownServer, type Working } from "./kill-kind.ts";
import { checkSound, copyFresh, type Sources } from "./sources.ts";

const VALUE = new Uint8Array(2000);
const PREFIX = "new/";
const PREFIX_END = "new0";
const DEFRAGMENT_MS = 60_000;

/** The call Defragment of a member that is written to: what it has acknowledged is there. */
export class OnlineDefragmentKind implements KillKind {
  readonly name = "defrag-online";
  readonly #sources: Sources;
  readonly #dataDir: string;
  readonly #file: string;
  readonly #copy: string;
  #inode = 0;
  #sent = 0;
  #acknowledged = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#dataDir = join(sources.folder, this.name);
    const { store, storeFile } = dataPaths(this.#dataDir, undefined);
    this.#file = storeFile;
    this.#copy = `${store}.compacting`;
  }

  reset(): void {
    copyFresh(this.#sources.loose, this.#dataDir);
    this.#inode = statSync(this.#file).ino;
    this.#sent = 0;
    this.#acknowledged = 0;
  }

  async begin(): Promise<Working> {
    const server = await ServerProcess.start(ownServer, { dataDir: this.#dataDir });
    this.#inode = statSync(this.#file).ino;
    const client = new GrpcClient(server.endpoint);
    const writing = this.#writeUntilFailure(client);
    const options = { deadlineMs: DEFRAGMENT_MS };
    const defragmenting = client.unary(MaintenanceService.defragment, {}, options);
    // Whoever kills the server does not wait for its answer.
    defragmenting.catch(() => {});
    const kill = async (): Promise<void> => {
      await server.kill("SIGKILL");
      await writing;
      client.close();
    };
    return {
      kill,
      finish: async () => {
        await defragmenting;
        await kill();
      },
    };
  }

  async examine(): Promise<Moment> {
    await checkSound(this.#dataDir);
    if (statSync(this.#file).ino !== this.#inode) return "after";
    return existsSync(this.#copy) ? "between" : "before";
  }

  async complete(): Promise<void> {
    const server = await ServerProcess.start(ownServer, { dataDir: this.#dataDir });
    const client = new GrpcClient(server.endpoint);
    try {
      const keys = Math.ceil(this.#sources.revisions / 3);
      const old = await countOf(client, "key/", "key0");
      if (old !== keys) throw new Error(`${old} of ${keys} keys are there`);
      const written = await countOf(client, PREFIX, PREFIX_END);
      if (written < this.#acknowledged || written > this.#sent) {
        throw new Error(`${written} of ${this.#acknowledged} acknowledged keys are there`);
      }
    } finally {
      client.close();
      await server.kill("SIGKILL");
    }
    const { snap } = dataPaths(this.#dataDir, undefined);
    const left = readdirSync(snap).filter((name) => name.startsWith("store"));
    if (left.join() !== "store.lmdb") throw new Error(`left behind: ${left.join()}`);
  }

  async #writeUntilFailure(client: GrpcClient): Promise<void> {
    for (;;) {
      const key = Buffer.from(`${PREFIX}${String(this.#sent++).padStart(9, "0")}`);
      try {
        await client.unary(KVService.put, { key, value: VALUE });
      } catch {
        // The server has been killed.
        return;
      }
      this.#acknowledged++;
    }
  }
}

async function countOf(client: GrpcClient, from: string, to: string): Promise<number> {
  const range = { key: Buffer.from(from), rangeEnd: Buffer.from(to), countOnly: true };
  return (await client.unary(KVService.range, range)).count;
}
