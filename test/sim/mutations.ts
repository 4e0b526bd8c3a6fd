// SPDX-License-Identifier: Apache-2.0

/** One change of a source text. `find` occurs exactly once in the file. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A fault put into the engines. The simulator has to notice each of them. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
}

const raft = (file: string, find: string, replace: string): Edit => ({
  file: `src/core/raft/${file}`,
  find,
  replace,
});

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "vote twice after a restart",
    edits: [raft("raw-node.ts", "raft.vote = state.vote;", "raft.vote = NONE;")],
  },
  {
    name: "commit an entry of an older term by counting",
    edits: [
      raft(
        "replication.ts",
        "raft.log.maybeCommit({ term: raft.term, index: raft.tracker.committed() })",
        "((index) => raft.log.maybeCommit({ term: raft.log.termOrZero(index), index }))" +
          "(raft.tracker.committed())",
      ),
    ],
  },
  {
    name: "acknowledge before the sync",
    edits: [
      raft(
        "raft.ts",
        "if (AFTER_APPEND_TYPES.has(type)) {",
        "if (AFTER_APPEND_TYPES.has(type) && " +
          "(type !== T.MsgAppResp || message.to === this.id)) {",
      ),
    ],
  },
  {
    name: "leave out the sync",
    edits: [
      {
        file: "src/core/wal/wal.ts",
        find: "else this.#file.datasyncNow();",
        replace: "",
      },
    ],
  },
  {
    name: "skip log matching",
    edits: [raft("log.ts", "if (!this.matches(before)) return undefined;", "")],
  },
  {
    name: "forget the hard state",
    edits: [
      raft(
        "raw-node.ts",
        "if (!isEmptyHardState(hardState)) this.#loadHardState(hardState);",
        "raft.log.commitTo(hardState.commit);",
      ),
    ],
  },
  {
    name: "answer a read index without a quorum",
    edits: [
      raft(
        "read-index.ts",
        "const isOnlyVoter = voters.isSingleton && voters.has(raft.id);",
        "const isOnlyVoter = true;",
      ),
    ],
  },
  {
    name: "reuse the context of a read index",
    edits: [
      {
        file: "src/core/replica/replica.ts",
        find: "new ReadQueue<R>(() => requestIds.idOf(requestIds.next()))",
        replace: "new ReadQueue<R>(((last) => () => ++last)(0n))",
      },
    ],
  },
  {
    name: "read by a lease after stepping down",
    edits: [
      raft(
        "step-follower.ts",
        'forward(raft, message, "index reading msg");',
        "raft.readStates.push({ index: raft.log.committed, " +
          "requestCtx: message.entries[0]?.data ?? new Uint8Array(8) });",
      ),
    ],
  },
  {
    name: "go on counting a removed member",
    edits: [
      raft(
        "confchange/changer.ts",
        "  #remove(id: bigint): void {\n    this.incoming.delete(id);",
        "  #remove(id: bigint): void {\n",
      ),
      raft("confchange/changer.ts", "if (!this.outgoing.has(id)) this.#progress.delete(id);", ""),
    ],
  },
  {
    name: "a joint quorum by one half only",
    edits: [
      raft(
        "quorum/joint.ts",
        "return Math.min(incoming, this.outgoing.committedIndex(acked));",
        "return incoming;",
      ),
      raft(
        "quorum/joint.ts",
        "const outgoing = this.outgoing.voteResult(voteOf);",
        "const outgoing = incoming;",
      ),
    ],
  },
  {
    name: "count a learner as a voter",
    edits: [
      raft(
        "tracker/progress-tracker.ts",
        "return this.#config.voters.committedIndex(this.#matchOf);",
        "return [...this.#progress.values()].map(({ match }) => match)" +
          ".sort((a, b) => b - a)[Math.floor(this.#progress.size / 2)] ?? 0;",
      ),
    ],
  },
  {
    name: "accept a snapshot older than the log",
    edits: [
      raft("follow.ts", "if (index <= raft.log.committed || !isAddressee", "if (!isAddressee"),
      raft("follow.ts", "if (raft.log.matches({ index, term })) {", "if (index === 0) {"),
    ],
  },
  {
    name: "ignore the window of messages under way",
    edits: [
      raft("tracker/progress.ts", "this.appendPaused = this.inflights.isFull;", ""),
      raft("replication.ts", "progress.inflights.isFull", "false"),
      raft(
        "tracker/inflights.ts",
        'invariant(!this.isFull, "cannot add',
        'invariant(true, "cannot add',
      ),
    ],
  },
  {
    name: "make a conf change when it is appended",
    edits: [
      {
        file: "src/core/replica/replica.ts",
        find: "if (message.type === MessageType.MsgStorageAppend) {",
        replace:
          "if (message.type === MessageType.MsgStorageAppend) {\n" +
          "for (const entry of message.entries) if (entry.type === EntryType.confChange) " +
          "applyConfChange(entry, this.#raft, this.#applier);",
      },
    ],
  },
  {
    name: "truncate committed entries",
    edits: [
      raft("log.ts", "if (this.matches(entry)) continue;", ""),
      raft("log.ts", "conflict > this.#committed,", "true,"),
      raft("log.ts", "first.index > this.#committed,", "true,"),
      raft("follow.ts", "if (index < raft.log.committed) {", "if (false) {"),
    ],
  },
  {
    name: "store the applied index apart from the data",
    edits: [
      {
        file: "src/core/replica/replica.ts",
        find: "this.#backend.setConsistentIndex(entry.index, entry.term);",
        replace: "this.#backend.setConsistentIndex(entry.index - 1, entry.term);",
      },
    ],
  },
  {
    name: "a leader ignores a later term",
    edits: [
      raft(
        "step.ts",
        'if (!admitLaterTerm(raft, message)) return "ok";',
        'if (raft.role === "leader" || !admitLaterTerm(raft, message)) return "ok";',
      ),
    ],
  },
  {
    name: "rely on what a failed sync has left",
    edits: [
      { file: "src/core/wal/opening.ts", find: "  rewrite(file, end.offset);\n", replace: "" },
    ],
  },
  {
    name: "end a lease before its time",
    edits: [
      {
        file: "src/core/lease/lease.ts",
        find: "this.expiryMs = nowMs + extraMs + seconds * MS_PER_SECOND;",
        replace: "this.expiryMs = nowMs + seconds * 900;",
      },
    ],
  },
  {
    name: "forward the end of a lease to another leader",
    edits: [
      {
        file: "src/core/replica/replica.ts",
        find:
          "if (proposal.isLeaders === true) this.#unproposedLeaders.push(proposal);\n" +
          "    else if (proposal.request",
        replace: "if (proposal.request",
      },
    ],
  },
  {
    name: "renew a lease without asking a quorum",
    edits: [
      {
        file: "src/server/grpc/lease-keep-alive.ts",
        find: "    this.#replica.read({",
        replace: "    ((read) => read.serve())({",
      },
    ],
  },
  {
    name: "keep the keys of a revoked lease",
    edits: [
      {
        file: "src/core/apply/lease.ts",
        find: "for (const key of keys) txn.deleteRange(key, EMPTY_BYTES);",
        replace: "",
      },
    ],
  },
  {
    name: "delete the keys of a lease one by one",
    edits: [
      {
        file: "src/core/apply/lease.ts",
        find:
          "const txn = store.write();\n" +
          "    for (const key of keys) txn.deleteRange(key, EMPTY_BYTES);\n" +
          "    end(txn);",
        replace:
          "for (const key of keys) {\n" +
          "      const txn = store.write();\n" +
          "      txn.deleteRange(key, EMPTY_BYTES);\n" +
          "      end(txn);\n" +
          "    }",
      },
    ],
  },
  {
    name: "resume a watch one revision late",
    edits: [
      {
        file: "src/core/mvcc/watch/watch-hub.ts",
        find: "      ? request.startRevision\n",
        replace: "      ? request.startRevision + 1\n",
      },
    ],
  },
  {
    name: "believe an index that is behind its rows",
    edits: [
      {
        file: "src/core/mvcc/complete-index.ts",
        find: "encodeRevision(backend.indexRevision + 1, 0, false)",
        replace: "encodeRevision(backend.indexRevision + 2, 0, false)",
      },
    ],
  },
];
