// SPDX-License-Identifier: Apache-2.0
// Every request message of every service, and what the log wraps them into. Allowed are a message
// that is the same after being written and read again, and a refusal as protobuf.

import * as etcdserverpb from "../../src/api/gen/etcdserverpb.ts";
import { ElectionService } from "../../src/api/gen/v3electionpb.ts";
import { LockService } from "../../src/api/gen/v3lockpb.ts";
import { WireError, WireReader } from "../../src/base/wire-reader.ts";
import { decodeRequest } from "../../src/core/apply/index.ts";
import { decodeMessage } from "../../src/core/raft/index.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { mutate } from "./mutate.ts";
import { deeplyNested, randomFields } from "./protobuf.ts";
import type { FuzzTarget } from "./target.ts";

interface Codec {
  decode(bytes: Uint8Array): unknown;
}

/** Reads, writes what was read, and reads that: twice the same bytes. */
function roundTrip(codec: {
  decode(bytes: Uint8Array): never;
  encode(message: never): Uint8Array;
}): Codec["decode"] {
  return (bytes) => {
    const once = codec.encode(codec.decode(bytes));
    const twice = codec.encode(codec.decode(once));
    if (!Buffer.from(once).equals(twice)) throw new Error("written differently the second time");
    return once;
  };
}

const services = [
  etcdserverpb.KVService,
  etcdserverpb.WatchService,
  etcdserverpb.LeaseService,
  etcdserverpb.ClusterService,
  etcdserverpb.MaintenanceService,
  etcdserverpb.AuthService,
  ElectionService,
  LockService,
];

/** By what reads them; the first byte of an input chooses. */
const readers: readonly Codec["decode"][] = [
  ...services.flatMap((service) => Object.values(service)).map(({ request }) => roundTrip(request)),
  (bytes) => decodeRequest(bytes),
  (bytes) => decodeMessage(new WireReader(bytes)),
];

export class MessageTarget implements FuzzTarget {
  readonly name = "messages";

  input(random: SeededRandom): Uint8Array {
    const reader = random.intBelow(readers.length);
    const kind = random.intBelow(20);
    let body = kind === 0 ? random.bytes(random.intBelow(40)) : randomFields(random);
    if (kind === 1) body = deeplyNested(random);
    if (random.chance(30)) body = mutate(body, random);
    return Buffer.concat([Uint8Array.of(reader), body]);
  }

  check(input: Uint8Array): void {
    try {
      readers[(input[0] ?? 0) % readers.length]?.(input.subarray(1));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }

  async finish(): Promise<void> {}
}
