// SPDX-License-Identifier: Apache-2.0
// Whole HTTP/2 connections: valid frames in any order, damaged ones, and noise. Allowed are answers,
// and an end that is announced.

import { HpackDecoder } from "../../src/base/hpack/hpack-decoder.ts";
import {
  clientPreface,
  ErrorCode,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_RST_STREAM,
  uint32At,
} from "../../src/server/h2/frames.ts";
import { GrpcEndpoint, type Method } from "../../src/server/h2/index.ts";
import * as raw from "../../src/server/h2/testing/raw-client.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { FuzzSocket } from "./fuzz-socket.ts";
import { joined, mutate, pick } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";

const UNARY = "/f.S/Unary";
const CHAT = "/f.S/Chat";
const CODES: ReadonlySet<number> = new Set(Object.values(ErrorCode));
/** Small bounds, so that inputs of a few frames get to them. */
const LIMITS = {
  maxConcurrentStreams: 8,
  maxReceiveBytes: 4096,
  headerListBytesMax: 2048,
  headerBlockBytesMax: 4096,
  continuationFramesMax: 4,
  assemblyBytesMax: 8192,
  streamQueueBytesHigh: 1024,
  streamQueueBytesMax: 8192,
  connectionQueueBytesMax: 16_384,
  resetsPerWindowMax: 6,
  settingsPerWindowMax: 6,
  idleFramesPerWindowMax: 8,
  pingsPerWindowMax: 8,
};
/** More than a connection within these limits can answer to the largest input. */
const ANSWER_BYTES_MAX = 1024 * 1024;

const methods = new Map<string, Method>([
  [UNARY, { kind: "unary", handler: (call, message) => call.respond(message) }],
  [
    CHAT,
    {
      kind: "stream",
      handler: (call) => ({
        onMessage: (message) => {
          call.write(message);
        },
        onHalfClose: () => call.end(),
        onCancel: () => {},
        onDrain: () => {},
      }),
    },
  ],
]);

function requestHead(random: SeededRandom): raw.Frame["payload"] {
  const extra: [string, string][] = [];
  if (random.chance(20))
    extra.push(["grpc-timeout", pick(random, ["1S", "0n", "9999999999H", "x"])]);
  if (random.chance(10)) extra.push(["grpc-encoding", pick(random, ["gzip", "identity", "br"])]);
  if (random.chance(10)) extra.push(["x-bin", "not base64!"]);
  return raw.block(raw.requestFields(pick(random, [UNARY, UNARY, CHAT, "/f.S/None", "/"]), extra));
}

function headersFrames(id: number, random: SeededRandom): Buffer {
  const block = requestHead(random);
  const endStream = random.chance(20) ? 1 : 0;
  if (random.chance(80)) return raw.frame(FRAME_HEADERS, endStream | 4, id, block);
  const cut = random.intBelow(block.length);
  return Buffer.concat([
    raw.frame(FRAME_HEADERS, endStream, id, block.subarray(0, cut)),
    raw.frame(9, 4, id, block.subarray(cut)),
  ]);
}

function dataFrame(id: number, random: SeededRandom): Buffer {
  const body = raw.message(
    random.bytes(random.intBelow(random.chance(5) ? 6000 : 60)),
    random.intBelow(20) === 0 ? 1 : 0,
  );
  const payload = random.chance(10) ? Buffer.alloc(0) : body;
  return raw.data(id, payload, pick(random, [0, 1, 1, 8]));
}

/** One frame of any kind on a stream near to those that are open. */
function anyFrame(id: number, random: SeededRandom): Buffer {
  switch (random.intBelow(12)) {
    case 0:
    case 1:
    case 2:
      return headersFrames(id, random);
    case 3:
    case 4:
    case 5:
      return dataFrame(id, random);
    case 6:
      return raw.settings(
        raw.setting(random.intBelow(9), pick(random, [0, 1, 5, 65_535, 0x7fff_ffff, 0xffff_ffff])),
      );
    case 7:
      return raw.frame(
        8,
        0,
        random.chance(50) ? 0 : id,
        raw.number(pick(random, [0, 1, 1000, 0x7fff_ffff])),
      );
    case 8:
      return raw.frame(6, random.intBelow(2), 0, random.bytes(8));
    case 9:
      return raw.frame(3, 0, id, raw.number(random.intBelow(14)));
    case 10:
      return raw.frame(2, 0, id, random.bytes(5));
    default:
      return raw.frame(
        random.intBelow(13),
        random.intBelow(256),
        id,
        random.bytes(random.intBelow(30)),
      );
  }
}

function conversation(random: SeededRandom): Uint8Array {
  const parts: Uint8Array[] = [clientPreface, raw.settings()];
  let id = 1;
  for (let frames = 1 + random.intBelow(12); frames > 0; frames--) {
    const near = Math.max(1, id - 2 * random.intBelow(3));
    let frame: Uint8Array = random.chance(25)
      ? raw.request(id, pick(random, [UNARY, CHAT]), "ping")
      : anyFrame(random.chance(70) ? id : near, random);
    if (random.chance(15)) frame = mutate(frame, random);
    parts.push(frame);
    if (random.chance(70)) id += 2;
  }
  return joined(...parts);
}

export class H2Target implements FuzzTarget {
  readonly name = "h2";
  readonly #endpoint: GrpcEndpoint;
  #nowMs = 0;

  constructor() {
    const clock = { monotonicMs: () => this.#nowMs, unixMs: () => this.#nowMs };
    this.#endpoint = new GrpcEndpoint({ methods, clock, limits: LIMITS });
  }

  input(random: SeededRandom): Uint8Array {
    if (random.chance(3)) return random.bytes(random.intBelow(100));
    if (random.chance(5)) return joined(clientPreface, random.bytes(random.intBelow(200)));
    const bytes = conversation(random);
    return random.chance(15) ? mutate(bytes, random) : bytes;
  }

  async check(input: Uint8Array): Promise<void> {
    // An hour later every count of floods has begun anew.
    this.#nowMs += 3_600_000;
    const whole = await this.#answers(input, input.length);
    // The pieces are cut by the input itself: no more randomness is needed to repeat it.
    const pieces = await this.#answers(input, 1 + ((input.at(-1) ?? 0) % 97));
    if (!whole.equals(pieces)) throw new Error("pieces are answered differently");
  }

  /** A connection of its own for the input, to its end. */
  async #answers(input: Uint8Array, pieceBytes: number): Promise<Buffer> {
    const socket = new FuzzSocket();
    this.#endpoint.accept(socket);
    for (let at = 0; at < input.length; at += pieceBytes) {
      socket.emit("data", Buffer.from(input.subarray(at, at + pieceBytes)));
    }
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const answers = Buffer.concat(socket.written);
    judge(socket, answers);
    socket.emit("end");
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const { openConnections, openStreams } = this.#endpoint;
    if (openConnections !== 0 || openStreams !== 0) {
      throw new Error(`${openConnections} connections and ${openStreams} streams stayed open`);
    }
    return answers;
  }

  async finish(): Promise<void> {
    this.#endpoint.close();
  }
}

/** What the endpoint has sent has to be HTTP/2, and an end has to have been announced. */
function judge(socket: FuzzSocket, bytes: Buffer): void {
  if (bytes.length > ANSWER_BYTES_MAX) throw new Error(`${bytes.length} bytes of answers`);
  const decoder = new HpackDecoder(1 << 20);
  let lastType = -1;
  let at = 0;
  while (at < bytes.length) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) throw new Error("the answer ends within a frame");
    lastType = bytes.readUInt8(at + 3);
    if (lastType === FRAME_HEADERS) decoder.decode(bytes, at + 9, end);
    const code = lastType === FRAME_GOAWAY ? uint32At(bytes, at + 13) : 0;
    const reset = lastType === FRAME_RST_STREAM ? uint32At(bytes, at + 9) : 0;
    if (!CODES.has(code) || !CODES.has(reset)) throw new Error(`error code ${code} ${reset}`);
    at = end;
  }
  const isGone = socket.ended || socket.destroyed;
  if (isGone && lastType !== FRAME_GOAWAY) throw new Error("an end that was not announced");
}
