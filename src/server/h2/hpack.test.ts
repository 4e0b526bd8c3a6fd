// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HpackDecoder, HpackError } from "../../base/hpack/hpack-decoder.ts";
import { huffmanCodeBits, huffmanDecode } from "../../base/hpack/huffman.ts";
import {
  type Field,
  HpackTwin,
  huffmanEncode,
  type Indexing,
  integer,
} from "./testing/hpack-twin.ts";

function decodeWith(decoder: HpackDecoder, block: Buffer): Field[] {
  return decoder.decode(block, 0, block.length).map(({ name, value }) => [name, value] as const);
}

function decode(hex: string): Field[] {
  return decodeWith(new HpackDecoder(65_536), Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

const first: Field[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "www.example.com"],
];
const second: Field[] = [...first, ["cache-control", "no-cache"]];
const third: Field[] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/index.html"],
  [":authority", "www.example.com"],
  ["custom-key", "custom-value"],
];

describe("RFC 7541, appendix C", () => {
  test("C.2.1: a literal with indexing", () => {
    expect(decode("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572")).toEqual([
      ["custom-key", "custom-header"],
    ]);
  });

  test("C.2.2: a literal without indexing", () => {
    expect(decode("040c 2f73 616d 706c 652f 7061 7468")).toEqual([[":path", "/sample/path"]]);
  });

  test("C.2.3: a literal that is never indexed", () => {
    expect(decode("1008 7061 7373 776f 7264 0673 6563 7265 74")).toEqual([["password", "secret"]]);
  });

  test("C.2.4: an indexed field", () => {
    expect(decode("82")).toEqual([[":method", "GET"]]);
  });

  test("C.3: requests without Huffman coding", () => {
    const decoder = new HpackDecoder(65_536);
    const blocks = [
      "828684410f7777772e6578616d706c652e636f6d",
      "828684be58086e6f2d6361636865",
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ];
    const lists = blocks.map((hex) => decodeWith(decoder, Buffer.from(hex, "hex")));
    expect(lists).toEqual([first, second, third]);
  });

  test("C.4: requests with Huffman coding", () => {
    const decoder = new HpackDecoder(65_536);
    const blocks = [
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      "828684be5886a8eb10649cbf",
      "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ];
    const lists = blocks.map((hex) => decodeWith(decoder, Buffer.from(hex, "hex")));
    expect(lists).toEqual([first, second, third]);
  });

  test("C.5 and C.6: responses whose table holds 256 bytes evict alike", () => {
    const plain = [
      "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
      "4803333037c1c0bf",
    ];
    const coded = [
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
      "4883640effc1c0bf",
    ];
    const expected: Field[] = [
      ["cache-control", "private"],
      ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
      ["location", "https://www.example.com"],
    ];
    for (const [one, two] of [plain, coded]) {
      const decoder = new HpackDecoder(65_536);
      decoder.table.resize(256);
      const list = decodeWith(decoder, Buffer.from(one ?? "", "hex"));
      expect(list).toEqual([[":status", "302"], ...expected]);
      const next = decodeWith(decoder, Buffer.from(two ?? "", "hex"));
      expect(next).toEqual([[":status", "307"], ...expected]);
    }
  });
});

describe("the Huffman code", () => {
  test("is complete: its lengths fill the code space exactly", () => {
    const filled = huffmanCodeBits.reduce((sum, bits) => sum + 2 ** (30 - bits), 0);
    expect(filled).toBe(2 ** 30);
  });

  test("decodes every text it encodes", () => {
    const octets = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 });
    fc.assert(
      fc.property(octets, (values) => {
        const coded = huffmanEncode(Buffer.from(values).toString("latin1"));
        const target = Buffer.alloc(coded.length * 2);
        const length = huffmanDecode(coded, 0, coded.length, target);
        expect([...target.subarray(0, length)]).toEqual(values);
      }),
    );
  });

  test.each([
    ["padding of eight bits", "1fff"],
    ["padding that is not all ones", "18"],
    ["the end-of-string symbol", "fffffffc"],
    ["a code word that is cut off", "ffff"],
  ])("refuses %s", (_what, hex) => {
    const coded = Buffer.from(hex, "hex");
    expect(huffmanDecode(coded, 0, coded.length, Buffer.alloc(16))).toBe(-1);
  });
});

describe("decoding", () => {
  const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
  const value = fc.oneof(
    fc.stringMatching(/^[ -~]{0,40}$/),
    fc.constantFrom("POST", "application/grpc", "x".repeat(900)),
  );
  const name = fc.oneof(
    token,
    fc.constantFrom(":path", "content-type", "grpc-timeout", "user-agent"),
  );
  const choice = fc.record({
    field: fc.tuple(name, value),
    indexing: fc.constantFrom<Indexing>("incremental", "without", "never"),
    huffman: fc.boolean(),
  });
  const step = fc.record({
    resize: fc.option(fc.constantFrom(0, 40, 100, 1000, 4096), { nil: undefined }),
    choices: fc.array(choice, { maxLength: 8 }),
  });

  test("reads what a plain twin encodes, block after block", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
        const twin = new HpackTwin();
        const decoder = new HpackDecoder(1 << 20);
        for (const { resize, choices } of steps) {
          const parts = resize === undefined ? [] : [twin.resize(resize)];
          for (const { field, indexing, huffman } of choices) {
            parts.push(twin.encode(field, indexing, huffman));
          }
          const fields = choices.map(({ field }) => field);
          expect(decodeWith(decoder, Buffer.concat(parts))).toEqual(fields);
        }
      }),
    );
  });

  test("never does worse on random bytes than to refuse them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const decoder = new HpackDecoder(4096);
        try {
          decoder.decode(Buffer.from(bytes), 0, bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(HpackError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["index 0", "80"],
    ["an index behind the table", "be"],
    ["a name index behind the table", "7f00"],
    ["an integer without its end", "ff"],
    ["an integer of too many bytes", "ffffffffffffff7f"],
    ["a string longer than the block", "000578"],
    ["a size update above what was offered", "3fe220"],
    ["a size update behind a field", "8220"],
  ])("refuses %s", (_what, hex) => {
    expect(() => decode(hex)).toThrow(HpackError);
  });

  test("cuts a list off at its limit and keeps the table right", () => {
    const decoder = new HpackDecoder(100);
    const twin = new HpackTwin();
    const long = twin.encode(["first", "x".repeat(50)], "incremental", false);
    const short = twin.encode(["second", "y"], "incremental", false);
    expect(decodeWith(decoder, Buffer.concat([long, short]))).toHaveLength(1);
    expect(decoder.truncated).toBe(true);
    const again = twin.encode(["second", "y"], "incremental", false);
    expect(decodeWith(decoder, again)).toEqual([["second", "y"]]);
    expect(decoder.truncated).toBe(false);
  });

  test("a bomb of references costs no memory beyond the limit", () => {
    const decoder = new HpackDecoder(16_384);
    const twin = new HpackTwin();
    const entry = twin.encode(["bomb", "x".repeat(4000)], "incremental", false);
    const bomb = Buffer.concat([entry, Buffer.alloc(16_000, integer(0x80, 7, 62))]);
    expect(decodeWith(decoder, bomb)).toHaveLength(4);
    expect(decoder.truncated).toBe(true);
  });
});
