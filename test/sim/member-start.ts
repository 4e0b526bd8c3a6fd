// SPDX-License-Identifier: Apache-2.0

import { silentLogger } from "../../src/base/contracts/logger.ts";
import {
  type Backend,
  MemoryDisk,
  type MemoryOptions,
  openMemoryBackend,
} from "../../src/core/backend/index.ts";
import { ClusterMembership } from "../../src/core/membership/index.ts";
import { MemoryStorage } from "../../src/core/raft/index.ts";
import { storedConfState } from "../../src/core/replica/index.ts";
import { lastValidSnapshot, Wal } from "../../src/core/wal/index.ts";
import { encodeMetadata } from "../../src/member/index.ts";
import {
  foundMember,
  type MemberState,
  reopenMember,
} from "../../src/server/bootstrap/member-state.ts";
import { type OpenedMember, PATHS, type SimMachine } from "./contracts.ts";
import { statePath } from "./snapshot-work.ts";
import { importState } from "./state-copy.ts";

/** Small segments, so that short runs cross and purge them. */
const WAL_OPTIONS = { segmentBytes: 8 * 1024 };
/** The longest that a commit of the store takes, and a step of one of its index. */
const STORE_MS_MAX = 100;
const INDEX_STEP_MS_MAX = 5;
export const CLUSTER_ID = 0xc1n;

/** Opens or makes the log and the store of the member of this machine. */
export function openMember(machine: SimMachine): OpenedMember {
  const { disk } = machine;
  if (Wal.exists(disk, PATHS.wal)) return reopen(machine);
  return machine.isFounder ? found(machine) : join(machine);
}

function openStore(machine: SimMachine): Backend {
  return openMemoryBackend(machine.store, storeOptions(machine));
}

/** A commit takes its time, and the index of the keys goes in steps that a crash may part. */
export function storeOptions(machine: SimMachine): MemoryOptions {
  const { world } = machine;
  return {
    indexOperations: world.tuning.indexOperations,
    beforeWrite: () => world.storeDelay(machine, STORE_MS_MAX),
    beforeIndexOperation: () => {
      machine.isIndexing = true;
      return world.storeDelay(machine, INDEX_STEP_MS_MAX);
    },
  };
}

function found(machine: SimMachine): OpenedMember {
  const backend = openStore(machine);
  const members = machine.world.founders;
  const founding = { members, name: machine.name, token: "sim", wal: WAL_OPTIONS };
  const made = foundMember(machine.disk, PATHS, backend, founding);
  return { state: withMembership(machine, backend, made), backend, found: undefined };
}

/** A member that is added to a running cluster knows nothing: the leader tells it everything. */
function join(machine: SimMachine): OpenedMember {
  const backend = openStore(machine);
  const identity = { memberId: machine.id, clusterId: CLUSTER_ID };
  const wal = Wal.create(machine.disk, PATHS.wal, encodeMetadata(identity), WAL_OPTIONS);
  const storage = new MemoryStorage();
  const membership = new ClusterMembership(backend, machine.world.tuning.learnersMax);
  const state = { identity, wal, storage, membership, appliedIndex: 0, snapshotIndex: 0 };
  return { state, backend, found: undefined };
}

function withMembership(machine: SimMachine, backend: Backend, state: MemberState): MemberState {
  const membership = new ClusterMembership(backend, machine.world.tuning.learnersMax);
  return { ...state, membership };
}

function reopen(machine: SimMachine): OpenedMember {
  const { disk, world } = machine;
  const start = lastValidSnapshot(disk, PATHS.wal) ?? { index: 0, term: 0 };
  let backend = openStore(machine);
  const path = statePath(start.index);
  if (backend.boundary.consistentIndex < start.index && disk.stat(path) !== undefined) {
    // The log vouches for a snapshot that had not become the store yet.
    world.coverage.saw("a member crashed between a snapshot's record and its store");
    const fresh = new MemoryDisk();
    backend = importState(disk.readFile(path), fresh, storeOptions(machine));
    void backend.commit().then(() => {
      machine.store = fresh;
    });
  }
  let torn = false;
  const logger = {
    ...silentLogger,
    log: (_level: unknown, _caller: unknown, text: string) => {
      if (text.startsWith("repaired")) torn = true;
    },
  };
  const reopened = reopenMember(disk, PATHS, backend, logger, WAL_OPTIONS);
  if (torn) world.coverage.saw("a crash tore the end of a log");
  const { storage, appliedIndex } = reopened;
  storage.setConfState(storedConfState(backend));
  if (storage.lastIndex() > appliedIndex) {
    world.coverage.saw("a member replayed its log behind the store");
  }
  const entries =
    storage.lastIndex() < storage.firstIndex()
      ? []
      : storage.entries(storage.firstIndex(), storage.lastIndex() + 1, Number.POSITIVE_INFINITY);
  const { hardState } = storage.initialState();
  const found = {
    base: start.index,
    baseTerm: start.term,
    entries: typeof entries === "string" ? [] : entries,
    hardState,
  };
  return { state: withMembership(machine, backend, reopened), backend, found };
}
