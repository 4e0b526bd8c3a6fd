// SPDX-License-Identifier: Apache-2.0

import { openMemoryBackend } from "../core/backend/index.ts";
import { META_KEYS } from "../core/etcd-db/index.ts";
import {
  ClusterMembership,
  decodeMember,
  formatId,
  type Member,
} from "../core/membership/index.ts";
import { decodeConfState, memberChangeOf } from "../core/replica/index.ts";
import type { StorePlace } from "./check-place.ts";
import type { StoreRows } from "./check-store.ts";
import { type Findings, REMEDY_RESTORE } from "./finding.ts";
import type { KnownSnapshot } from "./wal-snapshots.ts";
import type { WalSurvey } from "./wal-survey.ts";

interface Sources {
  readonly store: StoreRows;
  readonly place: StorePlace;
  readonly survey: WalSurvey | undefined;
  readonly newest: KnownSnapshot | undefined;
}

/** Compares who the members are: in the store, in raft's configuration there, and in the log. */
export async function checkMembers(sources: Sources, findings: Findings): Promise<void> {
  const { store, place, survey, newest } = sources;
  const stored = readMembers(store, findings);
  // Members of 3.4 and 3.5 keep the membership in the .snap file; their rows may be out of date.
  const isOwn = store.lmdb !== undefined;
  if (stored === undefined || !(isOwn || place.storageVersion !== "")) return;
  // A restored snapshot keeps the configuration of the old cluster until its first change.
  const from = newest?.index ?? 0;
  const isCurrent = survey?.log.changes.some(
    ({ index }) => index > from && index <= place.consistentIndex,
  );
  if (isCurrent === true) compareConfState(store, stored, findings);
  const own = survey?.log.metadata?.member;
  if (own !== undefined && !stored.members.has(own) && !stored.removed.has(own)) {
    const problem = `it does not know the member ${formatId(own)} that the log belongs to`;
    findings.error(store.path, problem, `store and log are of two members: ${REMEDY_RESTORE}`);
  }
  if (survey?.isWhole !== true) return;
  const logged = await membersByLog(survey, newest, place.consistentIndex);
  if (logged !== undefined) compareMembers(store.path, stored.members, logged, findings);
}

interface Stored {
  readonly members: ReadonlyMap<bigint, Member>;
  readonly removed: ReadonlySet<bigint>;
}

function readMembers(store: StoreRows, findings: Findings): Stored | undefined {
  const members = new Map<bigint, Member>();
  const removed = new Set<bigint>();
  const decoder = new TextDecoder();
  const { path } = store;
  let isReadable = true;
  const wrong = (problem: string): void => {
    isReadable = false;
    findings.error(path, problem, REMEDY_RESTORE);
  };
  store.each("members", (key, value) => {
    const name = decoder.decode(key);
    try {
      const member = decodeMember(decoder.decode(value));
      if (formatId(member.id) !== name) {
        wrong(`members/${name} describes the member ${formatId(member.id)}`);
      }
      members.set(member.id, member);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      wrong(`members/${name} does not parse`);
    }
    return undefined;
  });
  store.each("members_removed", (key) => {
    const name = decoder.decode(key);
    if (/^[0-9a-f]{1,16}$/.test(name)) removed.add(BigInt(`0x${name}`));
    else wrong(`members_removed has a row that names no member`);
    return undefined;
  });
  for (const id of members.keys()) {
    if (removed.has(id)) wrong(`the member ${formatId(id)} is there and removed`);
  }
  return isReadable ? { members, removed } : undefined;
}

function compareConfState(store: StoreRows, { members }: Stored, findings: Findings): void {
  const row = store.get("meta", META_KEYS.confState);
  if (row === undefined) return;
  const { voters, learners, votersOutgoing, learnersNext } = decodeConfState(row);
  const counted = new Set([...voters, ...learners, ...votersOutgoing, ...learnersNext]);
  const both = new Set([...counted, ...members.keys()]);
  for (const id of both) {
    const name = formatId(id);
    if (counted.has(id) && members.has(id)) continue;
    const problem = counted.has(id)
      ? `raft counts the member ${name}, of which there is no row`
      : `the member ${name} has a row, but raft does not count it`;
    findings.error(store.path, `${problem} (meta/confState)`, REMEDY_RESTORE);
  }
}

/**
 * The membership that the log leads to at an entry; undefined when the log does not reach back to
 * where it would have to begin, or holds joint changes.
 */
async function membersByLog(
  { log }: WalSurvey,
  newest: KnownSnapshot | undefined,
  index: number,
): Promise<ReadonlyMap<bigint, Member> | undefined> {
  const start = newest !== undefined && newest.index <= index ? newest : undefined;
  const from = start?.index ?? 0;
  if ((log.firstIndex ?? 1) > from + 1 || index > log.lastIndex) return undefined;
  const changes = log.changes.filter((made) => made.index > from && made.index <= index);
  if (changes.some(({ change }) => change === undefined)) return undefined;
  const backend = openMemoryBackend();
  try {
    const membership = new ClusterMembership(backend);
    for (const member of start?.membership.members ?? []) {
      membership.change({ kind: "add", member });
    }
    for (const id of start?.membership.removedIds ?? []) membership.rememberRemoved(id);
    for (const { change } of changes) {
      if (change === undefined) continue;
      const made = memberChangeOf(change);
      if (membership.check(made) === undefined) membership.change(made);
    }
    return new Map(membership.members().map((member) => [member.id, member]));
  } finally {
    await backend.close();
  }
}

function compareMembers(
  path: string,
  stored: ReadonlyMap<bigint, Member>,
  logged: ReadonlyMap<bigint, Member>,
  findings: Findings,
): void {
  for (const id of new Set([...stored.keys(), ...logged.keys()])) {
    const difference = differenceOf(stored.get(id), logged.get(id));
    if (difference === undefined) continue;
    findings.error(path, `the member ${formatId(id)} ${difference}`, REMEDY_RESTORE);
  }
}

function differenceOf(stored: Member | undefined, logged: Member | undefined): string | undefined {
  if (stored === undefined) return "was added by the log, but is not in the store";
  if (logged === undefined) return "is in the store, but the log has not added it or removed it";
  if (stored.isLearner !== logged.isLearner) {
    return `is ${stored.isLearner ? "a learner" : "a voter"} in the store, but not by the log`;
  }
  const [ours, theirs] = [stored, logged].map(({ peerUrls }) => peerUrls.toSorted().join(","));
  return ours === theirs ? undefined : `has peer URLs ${ours} in the store, ${theirs} by the log`;
}
