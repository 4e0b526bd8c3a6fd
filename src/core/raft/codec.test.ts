// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as gen from "../../api/gen/raftpb.ts";
import { WireReader } from "../../base/wire-reader.ts";
import type { WireWriter } from "../../base/wire-writer.ts";
import {
  decodeConfChange,
  decodeConfChangeEntry,
  decodeConfChangeV2,
  decodeConfState,
  decodeEntry,
  decodeHardState,
  decodeMessage,
  decodeSnapshot,
  encodeConfChange,
  encodeConfChangeV2,
  encodeConfState,
  encoded,
  encodeEntry,
  encodeHardState,
  encodeMessage,
  encodeSnapshot,
  entrySize,
} from "./codec.ts";
import {
  type ConfChange,
  type ConfChangeV2,
  type ConfState,
  createMessage,
  type Entry,
  type HardState,
  type Message,
  MessageType,
  type Snapshot,
} from "./types.ts";

const counter = fc.oneof(fc.nat(300), fc.maxSafeNat());
const id = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 64n - 1n));
const bytes = fc.uint8Array({ maxLength: 200 });
const ids = fc.array(id, { maxLength: 4 });

const entry: fc.Arbitrary<Entry> = fc.record({
  type: fc.constantFrom(0, 1, 2),
  term: counter,
  index: counter,
  data: bytes,
});
const hardState: fc.Arbitrary<HardState> = fc.record({ term: counter, vote: id, commit: counter });
const confState: fc.Arbitrary<ConfState> = fc.record({
  voters: ids,
  learners: ids,
  votersOutgoing: ids,
  learnersNext: ids,
  autoLeave: fc.boolean(),
});
const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  data: bytes,
  metadata: fc.record({ confState, index: counter, term: counter }),
});
const confChange: fc.Arbitrary<ConfChange> = fc.record({
  id,
  type: fc.constantFrom(0, 1, 2, 3),
  nodeId: id,
  context: bytes,
});
const confChangeV2: fc.Arbitrary<ConfChangeV2> = fc.record({
  transition: fc.constantFrom(0, 1, 2),
  changes: fc.array(fc.record({ type: fc.constantFrom(0, 1, 2, 3), nodeId: id }), { maxLength: 4 }),
  context: bytes,
});
const flatMessage: fc.Arbitrary<Message> = fc
  .record({
    type: fc.constantFrom(...Object.values(MessageType)),
    to: id,
    from: id,
    term: counter,
    logTerm: counter,
    index: counter,
    entries: fc.array(entry, { maxLength: 4 }),
    commit: counter,
    vote: id,
    snapshot: fc.option(snapshot, { nil: undefined }),
    reject: fc.boolean(),
    rejectHint: counter,
    context: fc.option(bytes, { nil: undefined }),
  })
  .map(createMessage);
const message: fc.Arbitrary<Message> = fc
  .tuple(flatMessage, fc.array(flatMessage, { maxLength: 2 }))
  .map(([outer, inner]) => (inner.length === 0 ? outer : { ...outer, responses: inner }));

function expectRoundTrip<T>(
  values: fc.Arbitrary<T>,
  write: (value: T, writer: WireWriter) => void,
  read: (reader: WireReader) => T,
): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(read(new WireReader(plain(write, value)))).toEqual(value);
    }),
  );
}

/** Encoded bytes as a plain array, which comparisons tell from a Buffer. */
function plain<T>(write: (value: T, writer: WireWriter) => void, value: T): Uint8Array {
  return new Uint8Array(encoded(write, value));
}

function hexOf(encodedBytes: Uint8Array): string {
  return Buffer.from(encodedBytes).toString("hex");
}

function reader(hex: string): WireReader {
  return new WireReader(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

describe("what is encoded is decoded again", () => {
  it("for entries", () => expectRoundTrip(entry, encodeEntry, decodeEntry));
  it("for hard states", () => expectRoundTrip(hardState, encodeHardState, decodeHardState));
  it("for configuration states", () => {
    expectRoundTrip(confState, encodeConfState, decodeConfState);
  });
  it("for snapshots", () => expectRoundTrip(snapshot, encodeSnapshot, decodeSnapshot));
  it("for messages", () => expectRoundTrip(message, encodeMessage, (r) => decodeMessage(r)));
  it("for configuration changes", () => {
    fc.assert(
      fc.property(confChange, (change) => {
        expect(decodeConfChange(plain(encodeConfChange, change))).toEqual(change);
      }),
    );
  });
  it("for configuration changes in the new form", () => {
    fc.assert(
      fc.property(confChangeV2, (change) => {
        expect(decodeConfChangeV2(plain(encodeConfChangeV2, change))).toEqual(change);
      }),
    );
  });
});

describe("the generated codec agrees", () => {
  it("with encoded entries", () => {
    fc.assert(
      fc.property(entry, (value) => {
        const { Type, Term, Index, Data } = gen.Entry.decode(plain(encodeEntry, value));
        const seen = { type: Type ?? 0, term: Term ?? 0, index: Index ?? 0 };
        expect(seen).toEqual({ type: value.type, term: value.term, index: value.index });
        expect(Data ?? new Uint8Array()).toEqual(value.data);
      }),
    );
  });

  it("with decoded entries that carry every zero, as older members write them", () => {
    fc.assert(
      fc.property(entry, ({ type, term, index, data }) => {
        const old = new Uint8Array(
          gen.Entry.encode({ Type: type, Term: term, Index: index, Data: data }),
        );
        expect(decodeEntry(new WireReader(old))).toEqual({ type, term, index, data });
      }),
    );
  });

  it("with encoded messages", () => {
    fc.assert(
      fc.property(message, (value) => {
        const seen = gen.Message.decode(plain(encodeMessage, value));
        expect(seen.type).toBe(value.type);
        expect(seen.to ?? 0n).toBe(value.to);
        expect(seen.vote ?? 0n).toBe(value.vote);
        expect(seen.rejectHint ?? 0).toBe(value.rejectHint);
        expect(seen.entries.map((e) => e.Index ?? 0)).toEqual(value.entries.map((e) => e.index));
        expect(seen.snapshot?.metadata?.index).toBe(value.snapshot?.metadata.index);
        expect(seen.responses.length).toBe(value.responses?.length ?? 0);
      }),
    );
  });
});

it("knows the encoded size of an entry", () => {
  fc.assert(
    fc.property(entry, (value) => {
      expect(entrySize(value)).toBe(plain(encodeEntry, value).length);
    }),
  );
});

it("leaves zero fields of an entry out, and keeps those of states, as etcd 3.7 does", () => {
  const normal: Entry = { type: 0, term: 2, index: 4, data: new Uint8Array() };
  expect(hexOf(plain(encodeEntry, normal))).toBe("10021804");
  const change: Entry = { type: 1, term: 1, index: 1, data: Uint8Array.of(7) };
  expect(hexOf(plain(encodeEntry, change))).toBe("080110011801220107");
  const state = { term: 1, vote: 0n, commit: 1 };
  expect(hexOf(plain(encodeHardState, state))).toBe("080110001801");
  const conf = { ...emptyConf, voters: [0x4f8256cd80bf41can] };
  expect(hexOf(plain(encodeConfState, conf))).toBe("08ca83fd85d8d995c14f2800");
  const add = { id: 0n, type: 0, nodeId: 5n, context: Uint8Array.of(9) } as const;
  expect(hexOf(plain(encodeConfChange, add))).toBe("10001805220109");
});

const emptyConf: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

it("takes lists of identities packed and unpacked", () => {
  expect(decodeConfState(reader("0801 0802")).voters).toEqual([1n, 2n]);
  expect(decodeConfState(reader("0a03 01 8002")).voters).toEqual([1n, 256n]);
  expect(decodeConfState(reader("0801 1203 020304 2801"))).toEqual({
    ...emptyConf,
    voters: [1n],
    learners: [2n, 3n, 4n],
    autoLeave: true,
  });
});

it("reads a heartbeat with every zero field, as etcd 3.4 writes it", () => {
  const old = "0808 1005 1803 2002 2800 3000 4006 4a0a 1208 0a02 2800 1000 1800 5000 5800";
  const heartbeat = decodeMessage(reader(old));
  const { type, to, from, term, commit, reject } = heartbeat;
  expect({ type, to, from, term, commit, reject }).toEqual({
    type: MessageType.MsgHeartbeat,
    to: 5n,
    from: 3n,
    term: 2,
    commit: 6,
    reject: false,
  });
  expect(heartbeat.snapshot?.metadata.index).toBe(0);
});

it("keeps an absent context apart from an empty one", () => {
  const base = { type: MessageType.MsgHeartbeat, to: 1n };
  const absent = plain(encodeMessage, createMessage(base));
  const empty = plain(encodeMessage, createMessage({ ...base, context: new Uint8Array() }));
  expect(decodeMessage(new WireReader(absent)).context).toBeUndefined();
  expect(decodeMessage(new WireReader(empty)).context).toEqual(new Uint8Array());
});

it("steps over unknown fields", () => {
  expect(decodeEntry(reader("10 02 78 05 7a 01 00 18 03")).index).toBe(3);
  expect(decodeHardState(reader("08 02 7a 01 00 18 03"))).toEqual({ term: 2, vote: 0n, commit: 3 });
});

it("decodes the empty change of an entry without data", () => {
  const change = decodeConfChangeEntry({ type: 2, data: new Uint8Array() });
  expect(change).toEqual({ transition: 0, changes: [], context: new Uint8Array() });
});

describe("bytes that cannot be right are refused", () => {
  it.each([
    ["a counter beyond 2^53", "10 ffffffffffffffff7f"],
    ["an unknown entry type", "08 03"],
    ["a cut field", "22 05 01"],
  ])("an entry with %s", (_what, hex) => {
    expect(() => decodeEntry(reader(hex))).toThrow();
  });

  it("a message of an unknown type", () => {
    expect(() => decodeMessage(reader("08 63"))).toThrow("unknown raft message type 99");
  });

  it("a message that nests responses deeply", () => {
    const inner = "72 02 08 04";
    expect(decodeMessage(reader(inner)).responses?.length).toBe(1);
    expect(() => decodeMessage(reader("72 06 72 04 08 04 08 04"))).toThrow("nested too deeply");
  });

  it("arbitrary bytes throw nothing but wire errors", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        try {
          decodeMessage(new WireReader(input));
        } catch (error) {
          expect(error).toHaveProperty("name", "WireError");
        }
      }),
    );
  });
});
