// SPDX-License-Identifier: Apache-2.0
//
// One member's engines on a simulated disk: the replica, its log on the disk, its store on a
// memory disk. The test decides when appends are synced, when the store commits, and when the
// power fails.

import { PutRequest } from "../../src/api/gen/etcdserverpb.ts";
import { silentLogger } from "../../src/base/contracts/logger.ts";
import { WireWriter } from "../../src/base/wire-writer.ts";
import {
  Applier,
  type ApplyResult,
  decodeRequest,
  type RequestKind,
  writeRequest,
} from "../../src/core/apply/index.ts";
import { type Backend, type MemoryDisk, openMemoryBackend } from "../../src/core/backend/index.ts";
import { MvccStore, type StoredEvent } from "../../src/core/mvcc/index.ts";
import { type Message, RawNode } from "../../src/core/raft/index.ts";
import {
  type AppendEffect,
  type Effect,
  type Proposal,
  type RefusedMessageEffect,
  Replica,
  RequestIds,
} from "../../src/core/replica/index.ts";
import { Wal } from "../../src/core/wal/index.ts";
import { dataPaths } from "../../src/server/bootstrap/data-dir.ts";
import {
  foundMember,
  type MemberState,
  reopenMember,
} from "../../src/server/bootstrap/member-state.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimClock } from "./sim-clock.ts";
import type { SimDisk } from "./sim-disk.ts";

export const REQUEST_TIMEOUT_TICKS = 70;

export type SimOutcome =
  | ApplyResult
  | { readonly kind: "unserved"; readonly reason: string }
  | { readonly kind: "refused" };

export interface SimProposal extends Proposal {
  outcome: SimOutcome | undefined;
}

export interface SimRead {
  readonly key: string;
  /** The value, null when there is none, undefined while waiting. */
  value: string | null | undefined;
  unserved: string | undefined;
}

export interface SimMemberOptions {
  readonly disk: SimDisk;
  readonly store: MemoryDisk;
  readonly clock: SimClock;
  readonly random: SeededRandom;
  /** Reports appends as done without syncing them, for tests that must notice. */
  readonly lies?: boolean;
  /** Names of the other members that found the cluster; nobody plays them. */
  readonly peers?: readonly string[];
  /** Leases may be revoked when other proposals are refused. */
  readonly priorityRequests?: boolean;
}

const PATHS = dataPaths("/data", undefined);
/** Small segments: an ordeal reopens its log often, and crosses segments. */
const WAL_OPTIONS = { segmentBytes: 16 * 1024 };

function founding(peers: readonly string[]) {
  const members = ["m", ...peers].map((name, i) => ({
    name,
    peerUrls: [`http://127.0.0.1:${2380 + i}`],
  }));
  return { members, name: "m", token: "t", wal: WAL_OPTIONS };
}

/** A running member. After a crash of the disk, make another one on the same disks. */
export class SimMember {
  readonly state: MemberState;
  readonly backend: Backend;
  readonly store: MvccStore;
  readonly applier: Applier;
  readonly replica: Replica<SimProposal, SimRead>;
  readonly events: StoredEvent[] = [];
  /** Written to the log and not yet synced. */
  readonly unsynced: AppendEffect[] = [];
  /** What was to be sent to the other members. */
  readonly sent: Message[] = [];
  readonly refused: RefusedMessageEffect[] = [];
  readonly #ids: RequestIds;
  readonly #writer = new WireWriter();
  readonly #lies: boolean;
  readonly #peers: readonly string[];

  constructor(options: SimMemberOptions) {
    const { disk, store, clock, random } = options;
    this.#lies = options.lies ?? false;
    this.#peers = options.peers ?? [];
    disk.makeDirectory(PATHS.member);
    this.backend = openMemoryBackend(store);
    this.state = Wal.exists(disk, PATHS.wal)
      ? reopenMember(disk, PATHS, this.backend, silentLogger, WAL_OPTIONS)
      : foundMember(disk, PATHS, this.backend, founding(this.#peers));
    const { storage, membership, identity, appliedIndex } = this.state;
    const raft = new RawNode({
      id: identity.memberId,
      electionTick: 10,
      heartbeatTick: 1,
      storage,
      applied: appliedIndex,
      random,
      asyncStorageWrites: true,
      checkQuorum: true,
      preVote: true,
    });
    this.store = new MvccStore(this.backend);
    this.applier = new Applier(this.store, this.backend, membership);
    this.#ids = new RequestIds(identity.memberId, clock.unixMs());
    this.replica = new Replica<SimProposal, SimRead>({
      raft,
      storage,
      applier: this.applier,
      backend: this.backend,
      requestIds: this.#ids,
      clock,
      slowApplyMs: 100,
      consistentIndex: this.backend.boundary.consistentIndex,
      requestTimeoutTicks: REQUEST_TIMEOUT_TICKS,
      readIndexRetryTicks: 5,
      catchupEntries: 50,
      priorityRequests: options.priorityRequests ?? false,
    });
  }

  /** Carries out what the replica wants; appends are written but stay unsynced. */
  turn(): void {
    for (const effect of this.replica.advance()) this.#run(effect);
  }

  /** Syncs everything written so far and lets the replica go on. */
  sync(): void {
    if (this.unsynced.length > 0 && !this.#lies) this.state.wal.syncNow();
    for (const append of this.unsynced.splice(0)) {
      this.replica.persisted(append.entries, append.responses);
    }
    this.turn();
  }

  /** Turns and syncs until nothing is left to do. */
  settle(): void {
    do {
      this.turn();
      this.sync();
    } while (this.unsynced.length > 0);
  }

  propose(
    kind: RequestKind,
    message: Uint8Array,
    options: Pick<SimProposal, "isLeaders"> = {},
  ): SimProposal {
    const id = this.#ids.next();
    this.#writer.reset();
    writeRequest(this.#writer, kind, message, this.#ids.halves(id));
    const data = this.#writer.copy();
    const { request } = decodeRequest(data);
    const open = { answered: false, outcome: undefined };
    const proposal: SimProposal = { id, data, request, ...options, ...open };
    if (this.replica.propose(proposal) !== "accepted") proposal.outcome = { kind: "refused" };
    return proposal;
  }

  put(key: string, value: string): SimProposal {
    return this.propose(
      "put",
      PutRequest.encode({ key: Buffer.from(key), value: Buffer.from(value) }),
    );
  }

  read(key: string): SimRead {
    const read: SimRead = { key, value: undefined, unserved: undefined };
    if (this.replica.read(read) !== "accepted") read.unserved = "refused";
    return read;
  }

  /** The value in the store as it is. */
  value(key: string): string | null {
    const options = { revision: 0, limit: 0 };
    const found = this.store.range(Buffer.from(key), new Uint8Array(0), options);
    const kv = found.kind === "ok" ? found.kvs[0] : undefined;
    return kv === undefined ? null : Buffer.from(kv.value).toString();
  }

  stop(): void {
    for (const effect of this.replica.stop()) this.#run(effect);
  }

  #run(effect: Effect<SimProposal, SimRead>): void {
    switch (effect.kind) {
      case "append":
        this.state.wal.append(effect.hardState, effect.entries);
        this.unsynced.push(effect);
        return;
      case "events":
        this.events.push(...effect.events);
        return;
      case "answer":
        for (const { proposal, outcome } of effect.answers) proposal.outcome = outcome;
        return;
      case "read":
        for (const read of effect.reads) read.value = this.value(read.key);
        return;
      case "unread":
        for (const read of effect.reads) read.unserved = effect.reason;
        return;
      case "slowApply":
      case "overQuota":
      case "members":
        return;
      case "refusedMessage":
        this.refused.push(effect);
        return;
      case "send":
        if (this.#peers.length === 0) throw new Error("a member alone has nobody to send to");
        this.sent.push(...effect.messages);
        return;
      case "sendSnapshot":
        this.sent.push(effect.message);
        return;
    }
  }
}
