// SPDX-License-Identifier: Apache-2.0
// What the scripted scenarios cannot show: reads, limits, and the contract of RawNode itself.

import { describe, expect, it } from "vitest";
import { asConfChangeV2 } from "./codec.ts";
import type { RaftConfig } from "./config.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { RawNode } from "./raw-node.ts";
import type { Ready } from "./ready.ts";
import {
  APPEND_THREAD,
  APPLY_THREAD,
  createMessage,
  EMPTY_CONF_STATE,
  EMPTY_HARD_STATE,
  EntryType,
  type Message,
  NO_BYTES,
  MessageType as T,
} from "./types.ts";

const BASE = { electionTick: 10, heartbeatTick: 1, random: { intBelow: () => 0 } };

/** A member of a group of so many voters, with a log that starts after position 1. */
class TestMember {
  readonly storage = new MemoryStorage();
  readonly raft: RawNode;
  readonly sent: Message[] = [];
  readonly reads: string[] = [];
  readonly applied: string[] = [];

  constructor(voters: readonly bigint[], config: Partial<RaftConfig> = {}) {
    const confState = { ...EMPTY_CONF_STATE, voters };
    const metadata = { confState, index: 1, term: 1 };
    this.storage.applySnapshot({ data: NO_BYTES, metadata });
    this.storage.setHardState({ term: 1, vote: 0n, commit: 1 });
    this.raft = new RawNode({ ...BASE, id: 1n, storage: this.storage, applied: 1, ...config });
  }

  /** Does all the work there is, as a shell with synchronous storage would. */
  work(): void {
    while (this.raft.hasReady()) {
      const ready = this.raft.ready();
      this.take(ready);
      this.raft.advance();
    }
  }

  take(ready: Ready): void {
    this.storage.setHardState(ready.hardState ?? EMPTY_HARD_STATE);
    this.storage.append(ready.entries);
    for (const { index, requestCtx } of ready.readStates) {
      this.reads.push(`${index} ${Buffer.from(requestCtx)}`);
    }
    this.applied.push(...ready.committedEntries.map((e) => Buffer.from(e.data).toString()));
    this.sent.push(...ready.messages);
  }

  takeSent(type: T): Message[] {
    return this.sent.splice(0).filter((message) => message.type === type);
  }

  /** Wins an election with the vote of member 2, if one is needed. */
  lead(): this {
    this.raft.campaign();
    this.work();
    const { term } = this.raft.basicStatus();
    this.answer(T.MsgVoteResp, { term });
    this.work();
    expect(this.raft.basicStatus().role).toBe("leader");
    return this;
  }

  answer(type: T, init: Partial<Message> = {}, from = 2n): void {
    const { term } = this.raft.basicStatus();
    this.raft.step(createMessage({ term, from, ...init, type, to: 1n }));
    this.work();
  }

  acknowledge(from = 2n): void {
    this.answer(T.MsgAppResp, { index: this.storage.lastIndex() }, from);
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe("reads at a leader", () => {
  it("wait for its first commit of the term, even if it is the only voter", () => {
    const alone = new TestMember([1n]);
    alone.raft.campaign();
    alone.take(alone.raft.ready());
    alone.raft.advance();
    alone.raft.readIndex(bytes("early"));
    expect(alone.reads).toEqual([]);
    alone.work();
    expect(alone.reads).toEqual(["2 early"]);
    alone.raft.readIndex(bytes("late"));
    alone.work();
    expect(alone.reads).toEqual(["2 early", "2 late"]);
  });

  it("are confirmed by a quorum that answers a later heartbeat", () => {
    const leader = new TestMember([1n, 2n, 3n]).lead();
    leader.acknowledge();
    leader.sent.length = 0;
    leader.raft.readIndex(bytes("a"));
    leader.work();
    const first = leader.takeSent(T.MsgHeartbeat);
    expect(first.map(({ to }) => to)).toEqual([2n, 3n]);
    expect(Buffer.from(first[0]?.context ?? NO_BYTES).toString("hex")).toBe("0100000000000000");
    leader.raft.readIndex(bytes("b"));
    leader.work();
    const second = leader.takeSent(T.MsgHeartbeat);
    leader.answer(T.MsgHeartbeatResp, { context: bytes("12345678") }, 9n);
    leader.answer(T.MsgHeartbeatResp, { context: bytes("short") });
    leader.answer(T.MsgHeartbeatResp);
    expect(leader.reads).toEqual([]);
    leader.answer(T.MsgHeartbeatResp, { context: first[0]?.context });
    expect(leader.reads).toEqual(["2 a"]);
    leader.raft.readIndex(bytes("c"));
    leader.work();
    // Whoever confirms the last read confirms those before it.
    const last = leader.takeSent(T.MsgHeartbeat);
    leader.answer(T.MsgHeartbeatResp, { context: last[1]?.context }, 3n);
    expect(leader.reads).toEqual(["2 a", "2 b", "2 c"]);
    leader.answer(T.MsgHeartbeatResp, { context: second[0]?.context });
    expect(leader.reads.length).toBe(3);
  });

  it("ride on the next heartbeat as long as they wait", () => {
    const leader = new TestMember([1n, 2n, 3n]).lead();
    leader.acknowledge();
    leader.raft.readIndex(bytes("a"));
    leader.work();
    leader.sent.length = 0;
    leader.raft.tick();
    leader.work();
    const [heartbeat] = leader.takeSent(T.MsgHeartbeat);
    leader.answer(T.MsgHeartbeatResp, { context: heartbeat?.context });
    expect(leader.reads).toEqual(["2 a"]);
    leader.raft.tick();
    leader.work();
    expect(leader.takeSent(T.MsgHeartbeat)[0]?.context).toBeUndefined();
  });

  it("are answered at once under a lease", () => {
    const options = { readOnlyOption: "lease-based", checkQuorum: true } as const;
    const leader = new TestMember([1n, 2n, 3n], options).lead();
    leader.raft.readIndex(bytes("early"));
    leader.work();
    expect(leader.reads).toEqual([]);
    leader.acknowledge();
    expect(leader.reads).toEqual(["2 early"]);
    leader.raft.readIndex(bytes("a"));
    leader.work();
    expect(leader.reads).toEqual(["2 early", "2 a"]);
  });

  it("of a follower are answered by a message", () => {
    const leader = new TestMember([1n, 2n, 3n]).lead();
    leader.acknowledge();
    leader.sent.length = 0;
    const entries = [{ type: 0, term: 0, index: 0, data: bytes("theirs") }] as const;
    leader.answer(T.MsgReadIndex, { term: 0, entries }, 3n);
    const [heartbeat] = leader.takeSent(T.MsgHeartbeat);
    leader.answer(T.MsgHeartbeatResp, { context: heartbeat?.context });
    const [response] = leader.takeSent(T.MsgReadIndexResp);
    expect([response?.to, response?.index, response?.entries]).toEqual([3n, 2, entries]);
    expect(leader.reads).toEqual([]);
  });

  it("are not answered by a removed leader that leaves one voter behind", () => {
    const leader = new TestMember([1n, 2n]).lead();
    leader.acknowledge();
    leader.raft.applyConfChange({ id: 0n, type: 1, nodeId: 1n, context: NO_BYTES });
    leader.raft.readIndex(bytes("a"));
    leader.work();
    expect(leader.reads).toEqual([]);
    const [heartbeat] = leader.takeSent(T.MsgHeartbeat);
    leader.answer(T.MsgHeartbeatResp, { context: heartbeat?.context });
    expect(leader.reads).toEqual(["2 a"]);
  });
});

describe("reads at a follower", () => {
  it("go to the leader, and come back with an index", () => {
    const follower = new TestMember([1n, 2n]);
    follower.raft.readIndex(bytes("lost"));
    follower.answer(T.MsgHeartbeat, { term: 3 });
    follower.raft.readIndex(bytes("a"));
    follower.work();
    const [request, ...others] = follower.takeSent(T.MsgReadIndex);
    expect([request?.to, request?.term, others.length]).toEqual([2n, 0, 0]);
    follower.answer(T.MsgReadIndexResp, { index: 7, entries: request?.entries ?? [] });
    follower.answer(T.MsgReadIndexResp, { index: 8 });
    expect(follower.reads).toEqual(["7 a"]);
  });
});

describe("proposals", () => {
  it("together take neighbouring positions, and are applied in order", () => {
    const alone = new TestMember([1n]).lead();
    expect(alone.raft.proposeAll([bytes("a"), bytes("b"), bytes("c")])).toBe("ok");
    expect(alone.raft.proposeAll([])).toBe("ok");
    alone.work();
    expect(alone.applied).toEqual(["", "a", "b", "c"]);
    expect(alone.storage.lastIndex()).toBe(5);
  });

  it("beyond the limit of what is not applied are dropped, all together", () => {
    const alone = new TestMember([1n], { maxUncommittedEntriesSize: 10 }).lead();
    // The first passes whatever its size: nothing else is under way.
    expect(alone.raft.propose(new Uint8Array(50))).toBe("ok");
    expect(alone.raft.propose(new Uint8Array(1))).toBe("dropped");
    alone.work();
    expect(alone.raft.proposeAll([new Uint8Array(6), new Uint8Array(4)])).toBe("ok");
    expect(alone.raft.proposeAll([new Uint8Array(0), new Uint8Array(1)])).toBe("dropped");
    expect(alone.raft.propose(NO_BYTES)).toBe("ok");
    alone.work();
    expect(alone.raft.propose(new Uint8Array(10))).toBe("ok");
  });

  it("go to the leader together, unless forwarding is switched off", () => {
    const forwarding = new TestMember([1n, 2n]);
    expect(forwarding.raft.propose(bytes("nobody leads"))).toBe("dropped");
    forwarding.answer(T.MsgHeartbeat, { term: 3 });
    expect(forwarding.raft.proposeAll([bytes("a"), bytes("b")])).toBe("ok");
    forwarding.work();
    const [proposal] = forwarding.takeSent(T.MsgProp);
    expect([proposal?.to, proposal?.term, proposal?.entries.length]).toEqual([2n, 0, 2]);
    const refusing = new TestMember([1n, 2n], { disableProposalForwarding: true });
    refusing.answer(T.MsgHeartbeat, { term: 3 });
    expect(refusing.raft.propose(bytes("a"))).toBe("dropped");
  });

  it("are sent in messages of limited size, and within the window of bytes", () => {
    // An entry of these takes 106 bytes.
    const limits = { maxSizePerMsg: 250, maxInflightBytes: 300 };
    const leader = new TestMember([1n, 2n], limits).lead();
    leader.acknowledge();
    leader.raft.reportUnreachable(2n);
    leader.raft.proposeAll(Array.from({ length: 7 }, () => new Uint8Array(100)));
    leader.work();
    leader.sent.length = 0;
    leader.answer(T.MsgAppResp, { index: 2 });
    const counts = leader.takeSent(T.MsgApp).map(({ entries }) => entries.length);
    expect(counts).toEqual([2, 2]);
  });
});

describe("a message that does not belong here", () => {
  it("is refused when only this member's own shell may say it", () => {
    const leader = new TestMember([1n, 2n]).lead();
    for (const type of [T.MsgHup, T.MsgBeat, T.MsgCheckQuorum, T.MsgUnreachable]) {
      expect(leader.raft.step(createMessage({ type, to: 1n, from: 2n }))).toBe("local-message");
    }
    expect(leader.raft.step(createMessage({ type: T.MsgStorageAppend, to: 1n }))).toBe(
      "local-message",
    );
  });

  it("is refused when it answers for a member that is not in the configuration", () => {
    const leader = new TestMember([1n, 2n]).lead();
    const response = createMessage({ type: T.MsgAppResp, to: 1n, from: 9n, term: 1, index: 2 });
    expect(leader.raft.step(response)).toBe("peer-not-found");
  });

  it("is ignored when its entries have gaps, or acknowledge what was never sent", () => {
    const follower = new TestMember([1n, 2n]);
    const entry = { type: EntryType.normal, term: 3, index: 5, data: NO_BYTES };
    follower.answer(T.MsgApp, { term: 3, logTerm: 1, index: 1, entries: [entry] });
    expect(follower.storage.lastIndex()).toBe(1);
    const leader = new TestMember([1n, 2n]).lead();
    leader.answer(T.MsgAppResp, { index: 99 });
    expect(leader.raft.basicStatus().commit).toBe(1);
    leader.acknowledge();
    expect(leader.raft.basicStatus().commit).toBe(2);
  });

  it("is ignored when it asks for a vote without a term", () => {
    const follower = new TestMember([1n, 2n]);
    const vote = createMessage({ type: T.MsgVote, to: 1n, from: 2n });
    expect(follower.raft.step(vote)).toBe("no-term");
    expect(follower.raft.hasReady()).toBe(false);
  });
});

describe("an append to a follower", () => {
  it("below its commit index is answered with that index", () => {
    const follower = new TestMember([1n, 2n]);
    const entries = [2, 3, 4].map(
      (index) => ({ type: 0, term: 3, index, data: NO_BYTES }) as const,
    );
    follower.answer(T.MsgApp, { term: 3, logTerm: 1, index: 1, entries, commit: 4 });
    expect(follower.takeSent(T.MsgAppResp).map(({ index }) => index)).toEqual([4]);
    follower.answer(T.MsgApp, { logTerm: 3, index: 3, commit: 4 });
    follower.answer(T.MsgApp, { logTerm: 1, index: 1, commit: 4 });
    const answers = follower.takeSent(T.MsgAppResp);
    expect(answers.map(({ index, reject }) => [index, reject])).toEqual([
      [4, false],
      [4, false],
    ]);
  });
});

describe("a transfer of leadership", () => {
  it("is given up after an election timeout, and proposals are taken again", () => {
    const leader = new TestMember([1n, 2n]).lead();
    leader.acknowledge();
    leader.raft.transferLeader(2n);
    expect(leader.raft.propose(bytes("a"))).toBe("dropped");
    expect(leader.raft.basicStatus().leadTransferee).toBe(2n);
    for (let i = 0; i < BASE.electionTick; i++) leader.raft.tick();
    expect(leader.raft.basicStatus().leadTransferee).toBe(0n);
    expect(leader.raft.propose(bytes("a"))).toBe("ok");
  });

  it("ends when its target is no voter any more", () => {
    const leader = new TestMember([1n, 2n]).lead();
    leader.acknowledge();
    leader.raft.transferLeader(2n);
    leader.raft.applyConfChange({ id: 0n, type: 1, nodeId: 2n, context: NO_BYTES });
    expect(leader.raft.basicStatus().leadTransferee).toBe(0n);
  });
});

describe("a snapshot under way", () => {
  it("holds appends back until it is reported", () => {
    const leader = new TestMember([1n, 2n, 3n]).lead();
    leader.acknowledge();
    leader.storage.createSnapshot(2, undefined, NO_BYTES);
    leader.storage.compact(2);
    leader.answer(T.MsgAppResp, { index: 1, reject: true }, 3n);
    const state = (): string | undefined => leader.raft.status().progress.get(3n)?.describe();
    expect(state()).toBe("StateSnapshot match=0 next=3 paused pendingSnap=2");
    leader.raft.reportSnapshot(2n, true);
    leader.raft.reportSnapshot(3n, true);
    expect(state()).toBe("StateProbe match=0 next=3 paused");
    leader.answer(T.MsgHeartbeatResp, {}, 3n);
    leader.answer(T.MsgAppResp, { index: 2, reject: true }, 3n);
    expect(state()).toContain("StateSnapshot");
    leader.raft.reportSnapshot(3n, false);
    expect(state()).toBe("StateProbe match=0 next=1 paused");
  });
});

describe("a new group", () => {
  it("starts with a committed entry per member, in force before it is applied", () => {
    const storage = new MemoryStorage();
    const raft = new RawNode({ ...BASE, id: 2n, storage });
    raft.bootstrap([
      { id: 7n, context: bytes("seven") },
      { id: 2n, context: bytes("two") },
    ]);
    const ready = raft.ready();
    expect(ready.hardState).toEqual({ term: 1, vote: 0n, commit: 2 });
    expect(ready.mustSync).toBe(true);
    expect(ready.entries.map((e) => [e.type, e.term, e.index])).toEqual([
      [1, 1, 1],
      [1, 1, 2],
    ]);
    expect(Buffer.from(ready.entries[0]?.data ?? NO_BYTES).toString("hex")).toBe(
      `10001802 2203${Buffer.from("two").toString("hex")}`.replace(" ", ""),
    );
    expect(raft.status().config.voters.ids).toEqual([2n, 7n]);
    expect(() => raft.bootstrap([{ id: 2n, context: NO_BYTES }])).toThrow("nonempty storage");
  });
});

describe("storage work in asynchronous mode", () => {
  it("is asked for by messages, and counts when their responses are stepped", () => {
    const member = new TestMember([1n], { asyncStorageWrites: true });
    const { raft, storage } = member;
    raft.campaign();
    const [vote] = raft.ready().messages;
    expect([vote?.to, vote?.term, vote?.vote]).toEqual([APPEND_THREAD, 2, 1n]);
    expect(raft.basicStatus().role).toBe("candidate");
    for (const response of vote?.responses ?? []) raft.step(response);
    expect(raft.basicStatus().role).toBe("leader");
    raft.proposeAll([bytes("a"), bytes("b")]);
    const [append] = raft.ready().messages;
    expect(append?.entries.length).toBe(3);
    expect(raft.hasReady()).toBe(false);
    storage.append(append?.entries ?? []);
    for (const response of append?.responses ?? []) raft.step(response);
    const ready = raft.ready();
    expect(ready.mustSync).toBe(false);
    const apply = ready.messages.find(({ to }) => to === APPLY_THREAD);
    expect(apply?.entries.map((e) => e.index)).toEqual([2, 3, 4]);
    expect(raft.basicStatus().applied).toBe(1);
    for (const response of apply?.responses ?? []) raft.step(response);
    expect(raft.basicStatus().applied).toBe(4);
    expect(() => raft.advance()).toThrow("synchronous");
  });
});

describe("the contract", () => {
  it("wants an advance after every ready, in synchronous mode", () => {
    const member = new TestMember([1n]);
    member.raft.campaign();
    member.raft.ready();
    expect(() => member.raft.ready()).toThrow("without call to advance");
  });

  it("refuses a configuration that cannot work", () => {
    const storage = new MemoryStorage();
    const make = (config: Partial<RaftConfig>) => () =>
      new RawNode({ ...BASE, id: 1n, storage, ...config });
    expect(make({ id: 0n })).toThrow("cannot use none");
    expect(make({ id: APPLY_THREAD })).toThrow("storage thread");
    expect(make({ heartbeatTick: 0 })).toThrow("heartbeat tick");
    expect(make({ heartbeatTick: 10 })).toThrow("election tick");
    expect(make({ maxInflightMsgs: 0 })).toThrow("inflight messages");
    expect(make({ maxSizePerMsg: 10, maxInflightBytes: 9 })).toThrow("inflight bytes");
    expect(make({ readOnlyOption: "lease-based" })).toThrow("checkQuorum");
  });

  it("starts where storage says, and refuses a log that lost committed entries", () => {
    const storage = new MemoryStorage();
    storage.append([{ type: 0, term: 4, index: 1, data: NO_BYTES }]);
    storage.setHardState({ term: 5, vote: 3n, commit: 1 });
    const { term, vote, commit, role } = new RawNode({ ...BASE, id: 1n, storage }).basicStatus();
    expect([term, vote, commit, role]).toEqual([5, 3n, 1, "follower"]);
    storage.setHardState({ term: 5, vote: 3n, commit: 2 });
    expect(() => new RawNode({ ...BASE, id: 1n, storage })).toThrow("out of range");
  });

  it("breaks when a change is applied that does not fit", () => {
    const member = new TestMember([1n]);
    const remove = asConfChangeV2({ id: 0n, type: 1, nodeId: 1n, context: NO_BYTES });
    expect(() => member.raft.applyConfChange(remove)).toThrow("removed all voters");
  });
});
