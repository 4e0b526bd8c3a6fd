// SPDX-License-Identifier: Apache-2.0
/**
 * The replica: one member as a deterministic machine. It joins raft and apply.
 *
 * Inputs are proposals, linearizable reads, ticks, messages of other members and the completion
 * of log writes. `advance` works until it needs the outside and returns a list of effects
 * (`effects.ts`): append to the log, send, hand events to watchers, answer proposals, serve
 * reads. Raft runs with asynchronous storage writes, so appends overlap: the next batch may be
 * written while an earlier one is still being synced.
 *
 * Order and safety: an entry is applied only when raft calls it committed, which for a member's
 * own copy takes the `persisted` call; effects are carried out in the order they are given;
 * `persisted` calls come in the order of the appends. So nothing is answered before it is durable
 * on a quorum. Entries at or below the backend's consistent index are stepped over, and after
 * each other entry the index moves with its changes in one store transaction.
 *
 * Members come and go by conf changes (`conf-change.ts`), each checked against the stored
 * membership when it is applied. A member too far behind gets the state: "send snapshot" and,
 * there, an append with a snapshot, see `effects.ts`.
 *
 * What other members say is looked at first (`peer-messages.ts`): impossible senders, terms,
 * indexes, entries and conf changes are dropped, and told once per cause and sender. What is
 * committed is beyond that: an entry that cannot be understood then stops the member.
 *
 * Limits (`limits.ts`): proposals and reads that wait are bounded in number and bytes, a further
 * one is refused with "too many requests"; whatever is not answered within the request timeout
 * is given up. The log in memory keeps `catchupEntries` behind the applied index.
 *
 * Left to others: writing, syncing and sending (`server/replica`), validating requests and
 * wording errors (`server/grpc`), when to take a snapshot (`snapshot-policy.ts` decides, the
 * shell carries it out).
 */
export { memberChangeOf } from "./conf-change.ts";
export { decodeConfState, encodeConfState, storedConfState } from "./conf-state.ts";
export type {
  Answer,
  AnswerEffect,
  AppendEffect,
  Effect,
  EventsEffect,
  MembersEffect,
  OverQuotaEffect,
  ReadEffect,
  RefusedMessageEffect,
  SendEffect,
  SendSnapshotEffect,
  SlowApplyEffect,
  UnreadEffect,
  Unserved,
} from "./effects.ts";
export { READ_INDEX_RETRY_MS } from "./limits.ts";
export type { MessageRefusal } from "./peer-messages.ts";
export type { Proposal } from "./proposals.ts";
export { Replica, type ReplicaCounters, type ReplicaOptions } from "./replica.ts";
export { RequestIds } from "./request-ids.ts";
export { SnapshotPolicy } from "./snapshot-policy.ts";
