// SPDX-License-Identifier: Apache-2.0
// Members of a raft group whose storage is memory and whose network is a function call: what is
// left is the cost of the engine. The Go program in test/interop/go/raftbench does the same steps.

import {
  APPEND_THREAD,
  APPLY_THREAD,
  createMessage,
  EMPTY_CONF_STATE,
  MemoryStorage,
  type Message,
  MessageType,
  RawNode,
} from "../../src/core/raft/index.ts";
import { SeededRandom } from "../../test/harness/seeded-random.ts";

/** Payload of an entry: a put of 16 and 256 bytes with its request header. */
export const PAYLOAD_BYTES = 300;
/** Entries kept in memory behind the applied one, and how many come before the log is cut. */
const KEPT_ENTRIES = 5000;
const CUT_ENTRIES = 10_000;

/** One member with the settings of the server: asynchronous storage, etcd's limits. */
export class BenchMember {
  readonly id: bigint;
  readonly storage = new MemoryStorage();
  readonly raft: RawNode;
  applied = 0;
  /** Sum of the bytes that were applied. */
  checksum = 0;
  readonly #send: (message: Message) => void;
  #cutAt = CUT_ENTRIES;

  constructor(id: bigint, voters: readonly bigint[], send: (message: Message) => void) {
    this.id = id;
    this.#send = send;
    this.storage.setConfState({ ...EMPTY_CONF_STATE, voters });
    this.raft = new RawNode({
      id,
      electionTick: 10,
      heartbeatTick: 1,
      storage: this.storage,
      random: new SeededRandom(Number(id)),
      asyncStorageWrites: true,
      maxSizePerMsg: 1024 * 1024,
      maxCommittedSizePerReady: 16 * 1024 * 1024,
      maxInflightMsgs: 512,
      checkQuorum: true,
      preVote: true,
    });
  }

  /** Does all storage work that raft asks for, and sends the rest. */
  work(): void {
    while (this.raft.hasReady()) {
      for (const message of this.raft.ready().messages) {
        if (message.to === APPEND_THREAD) this.storage.append(message.entries);
        else if (message.to === APPLY_THREAD) this.#apply(message);
        else {
          this.#send(message);
          continue;
        }
        for (const response of message.responses ?? []) {
          if (response.to === this.id) this.raft.step(response);
          else this.#send(response);
        }
      }
    }
  }

  #apply({ entries }: Message): void {
    for (const entry of entries) this.checksum += entry.data.length;
    this.applied = entries.at(-1)?.index ?? this.applied;
    if (this.applied < this.#cutAt) return;
    this.#cutAt = this.applied + CUT_ENTRIES;
    this.storage.compact(this.applied - KEPT_ENTRIES);
  }
}

/** A group in one process, of which member 1 leads. */
export class BenchGroup {
  readonly members: readonly BenchMember[];
  readonly leader: BenchMember;
  #inbox: Message[] = [];
  /** When set, followers do not work: their acknowledgements are made up. */
  #followersImagined = false;

  constructor(size: number) {
    const voters = Array.from({ length: size }, (_, i) => BigInt(i + 1));
    const send = (message: Message): void => {
      this.#inbox.push(message);
    };
    this.members = voters.map((id) => new BenchMember(id, voters, send));
    const [leader] = this.members;
    if (leader === undefined) throw new Error("a group needs a member");
    this.leader = leader;
    leader.raft.campaign();
    this.settle();
  }

  /** From now on only the leader costs something. */
  imagineFollowers(): void {
    this.#followersImagined = true;
  }

  /** Delivers and works until nobody has anything to do. */
  settle(): void {
    do {
      const messages = this.#inbox;
      this.#inbox = [];
      for (const message of messages) this.#deliver(message);
      if (this.#followersImagined) this.leader.work();
      else for (const member of this.members) member.work();
    } while (this.#inbox.length > 0);
  }

  #deliver(message: Message): void {
    if (message.to === this.leader.id || !this.#followersImagined) {
      this.members[Number(message.to) - 1]?.raft.step(message);
    } else if (message.type === MessageType.MsgApp) {
      const { to: from, from: to, term, index, entries } = message;
      const type = MessageType.MsgAppResp;
      this.leader.raft.step(createMessage({ type, from, to, term, index: index + entries.length }));
    }
  }

  /** Proposes so many entries, so many at once, and sees each batch through to its apply. */
  run(entries: number, atOnce: number): void {
    const batch = Array.from({ length: atOnce }, () => new Uint8Array(PAYLOAD_BYTES));
    const end = this.leader.applied + entries;
    while (this.leader.applied < end) {
      this.leader.raft.proposeAll(batch);
      this.settle();
    }
  }
}
