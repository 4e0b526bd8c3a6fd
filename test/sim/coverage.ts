// SPDX-License-Identifier: Apache-2.0

/** What a batch of runs has to have seen, or it has not tried what it claims to try. */
export const NAMED_EVENTS = [
  "a leader was elected",
  "an election was won in a later term",
  "a pre-vote was refused",
  "a vote was refused",
  "two members led at once, in different terms",
  "a leader stepped down because it heard of no quorum",
  "entries of a deposed leader were replaced",
  "a leader of an older term was elected again (figure 8)",
  "an older term's entry was on a majority, not committed",
  "a leadership transfer succeeded",
  "a proposal was forwarded to the leader",
  "a proposal was dropped",
  "a proposal timed out and took effect later",
  "a read was confirmed for a follower",
  "a read timed out",
  "a serializable read was stale",
  "a message came twice",
  "a message overtook another",
  "a message came late, from an old connection",
  "a late answer met a later question",
  "a message from a removed member was dropped",
  "a member was cut off one way",
  "the cluster was split in two",
  "a ring of links failed",
  "a member crashed while a sync was under way",
  "a crash lost unsynced entries",
  "a crash tore the end of a log",
  "a member replayed its log behind the store",
  "the index of the keys was behind its rows at a start",
  "a crash tore a commit of the index",
  "a disk stalled",
  "a sync failed",
  "a write failed",
  "a disk was full",
  "a read from disk failed at the start",
  "a damaged log was refused",
  "a member was paused",
  "a wall clock was set",
  "a member's timers ran at another speed",
  "a snapshot was sent",
  "a snapshot was cut half way",
  "a snapshot was installed",
  "a snapshot replaced entries that were not committed",
  "a member crashed between a snapshot's record and its store",
  "a local snapshot was recorded",
  "a log segment was purged",
  "a learner was added",
  "a learner was promoted",
  "a voter was added",
  "a member was removed",
  "a leader was removed",
  "a member's addresses were updated",
  "a member was replaced",
  "a change of the members was refused",
  "a configuration was joint",
  "a joint change was answered",
  "a leader changed while a configuration was joint",
  "a member crashed while a configuration was joint",
  "a compaction was applied",
  "rows of a compaction were removed",
  "a put was acknowledged",
  "a transaction took its else branch",
  "a delete found nothing",
  "an outcome was unknown",
  "a watch was resumed at another member",
  "a watch lagged and caught up",
  "a watch was cancelled by a compaction",
  "a lease was granted",
  "a lease was renewed",
  "a lease was renewed under another leader",
  "a lease ran out",
  "a lease was revoked",
  "a lease was used too late",
  "keys went with their lease",
  "a member that had been deposed proposed the end of a lease",
  "a member came back with an older disk",
  "a member came back with an empty disk",
] as const;

export type NamedEvent = (typeof NAMED_EVENTS)[number];

/** How often each named event was seen. */
export class Coverage {
  readonly counts = new Map<NamedEvent, number>();

  saw(event: NamedEvent): void {
    this.counts.set(event, (this.counts.get(event) ?? 0) + 1);
  }

  add(entries: Iterable<readonly [NamedEvent, number]>): void {
    for (const [event, count] of entries) {
      this.counts.set(event, (this.counts.get(event) ?? 0) + count);
    }
  }

  /** As data, for another process. */
  entries(): readonly (readonly [NamedEvent, number])[] {
    return [...this.counts];
  }

  get missing(): NamedEvent[] {
    return NAMED_EVENTS.filter((event) => !this.counts.has(event));
  }
}
