// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { dataPaths } from "../../../src/member/index.ts";
import { ServerProcess } from "../../harness/server-process.ts";
import { type KillKind, type Moment, ownServer, type Working } from "./kill-kind.ts";
import { liveHash } from "./live-member.ts";
import { checkHash, checkSound, copyFresh, fileHash, type Sources } from "./sources.ts";

const BEGUN = "taking over the data directory of Go etcd";
const DONE = "the database of Go etcd is no longer used and may be removed";
/** Another process may take a port between its choice and its use. */
const ATTEMPTS_MAX = 3;

/**
 * A server starts on a data directory of Go etcd: its database stays what it was until the store
 * is whole, and the next start serves all of it.
 */
export class TakeoverKind implements KillKind {
  readonly name = "import";
  readonly #sources: Sources;
  readonly #dataDir: string;
  readonly #databaseHash: string;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#dataDir = join(sources.folder, "taken");
    this.#databaseHash = fileHash(dataPaths(sources.goMember, undefined).goDatabase);
  }

  reset(): void {
    copyFresh(this.#sources.goMember, this.#dataDir);
  }

  async begin(): Promise<Working> {
    for (let attempt = 1; ; attempt++) {
      const options = { dataDir: this.#dataDir, args: ["--log-level=info"] };
      const server = await ServerProcess.begin(ownServer, options);
      try {
        await server.logged(BEGUN);
      } catch (error) {
        if (attempt < ATTEMPTS_MAX && server.log.includes("address is in use")) continue;
        throw error;
      }
      const kill = async (): Promise<void> => void (await server.kill("SIGKILL"));
      return {
        kill,
        finish: async () => {
          await server.logged(DONE);
          await kill();
        },
      };
    }
  }

  async examine(): Promise<Moment> {
    const { store, snap, goDatabase } = dataPaths(this.#dataDir, undefined);
    const kept = readdirSync(snap).filter((name) => /^db(\.imported.*)?$/.test(name));
    const [name = "", ...others] = kept;
    if (others.length > 0) throw new Error(`there are ${kept.join()}`);
    if (fileHash(join(snap, name)) !== this.#databaseHash) throw new Error(`${name} was changed`);
    // With a store in place this looks at the store, otherwise at the database.
    await checkSound(this.#dataDir);
    if (existsSync(store)) return existsSync(goDatabase) ? "between" : "after";
    if (name !== "db") throw new Error("the database was set aside, and there is no store");
    return existsSync(`${store}.importing`) ? "between" : "before";
  }

  async complete(): Promise<void> {
    const server = await ServerProcess.start(ownServer, { dataDir: this.#dataDir });
    try {
      checkHash(this.#sources, await liveHash(server), "the member");
    } finally {
      await server.kill("SIGKILL");
    }
    if ((await this.examine()) !== "after") throw new Error("it serves, and has not taken over");
    const { snap } = dataPaths(this.#dataDir, undefined);
    const left = readdirSync(snap).filter((name) => /store|^db/.test(name));
    if (left.join() !== "db.imported,store.lmdb") throw new Error(`left behind: ${left.join()}`);
  }
}
