// SPDX-License-Identifier: Apache-2.0

import { grpcFrame } from "../../bench/rows.ts";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  KVService,
  LeaseService,
} from "../../src/api/gen/etcdserverpb.ts";
import type { Init, MethodDescriptor } from "../../src/api/message-codec.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import type { LoadCall } from "./mixed-connection.ts";

export const keyCount = 10_000;
const valueBytes = 256;
const listedKeys = 50;
/** Leases that are alive at once; beyond it the oldest is revoked. */
const leasesMax = 2_000;
const longTtlSeconds = 3_600;
/** Of 100 leases so many are left to end by themselves. */
const percentShort = 20;
const shortTtlSeconds = 5;

/** How many of 1,000 calls are of each kind. */
const mix = {
  put: 400,
  range: 270,
  list: 30,
  txn: 120,
  delete: 80,
  lease: 100,
} as const;

const encoder = new TextEncoder();

export function keyAt(index: number): Uint8Array {
  return encoder.encode(`soak/${String(index).padStart(8, "0")}`);
}

/**
 * The mixed load, call by call. A lease is granted, gets a key when that was answered, and is
 * revoked when there are too many, so no call is refused unless the server is at fault; only a key
 * for a lease that is meant to end may come too late.
 */
export class Workload {
  readonly #random: SeededRandom;
  readonly #value = new Uint8Array(valueBytes).fill(0x76);
  /** Calls that follow from answers and go first. */
  readonly #due: LoadCall[] = [];
  readonly #alive: bigint[] = [];
  #lastLease = 0n;
  refused = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A lease to renew, if there is one. */
  someLease(): bigint | undefined {
    return this.#alive[this.#random.intBelow(Math.max(1, this.#alive.length))];
  }

  next(): LoadCall {
    const due = this.#due.pop();
    if (due !== undefined) return due;
    let dice = this.#random.intBelow(1000);
    for (const [kind, share] of Object.entries(mix)) {
      if (dice < share) return this.#callOf(kind);
      dice -= share;
    }
    return this.put(this.#key());
  }

  put(key: Uint8Array): LoadCall {
    return this.#call(KVService.put, { key, value: this.#value });
  }

  #callOf(kind: string): LoadCall {
    switch (kind) {
      case "range":
        return this.#call(KVService.range, {
          key: this.#key(),
          serializable: this.#random.chance(50),
        });
      case "list":
        return this.#list();
      case "txn":
        return this.#txn();
      case "delete":
        return this.#call(KVService.deleteRange, { key: this.#key() });
      case "lease":
        return this.#lease();
      default:
        return this.put(this.#key());
    }
  }

  #key(): Uint8Array {
    return keyAt(this.#random.intBelow(keyCount));
  }

  #list(): LoadCall {
    const first = this.#random.intBelow(keyCount);
    return this.#call(KVService.range, {
      key: keyAt(first),
      rangeEnd: keyAt(first + listedKeys),
      serializable: true,
    });
  }

  #txn(): LoadCall {
    const key = this.#key();
    return this.#call(KVService.txn, {
      compare: [
        {
          key,
          target: Compare_CompareTarget.VERSION,
          result: Compare_CompareResult.GREATER,
          version: 0,
        },
      ],
      success: [
        { requestPut: { key, value: this.#value } },
        { requestRange: { key: this.#key() } },
      ],
      failure: [{ requestPut: { key: this.#key(), value: this.#value } }],
    });
  }

  #lease(): LoadCall {
    const oldest = this.#alive.length > leasesMax ? this.#alive.shift() : undefined;
    if (oldest !== undefined) return this.#call(LeaseService.leaseRevoke, { ID: oldest });
    this.#lastLease += 1n;
    const ID = this.#lastLease;
    const isShort = this.#random.chance(percentShort);
    const TTL = isShort ? shortTtlSeconds : longTtlSeconds;
    return this.#call(LeaseService.leaseGrant, { ID, TTL }, () => {
      this.#due.push(this.#attach(ID, isShort));
    });
  }

  #attach(lease: bigint, isShort: boolean): LoadCall {
    const request = { key: this.#key(), value: this.#value, lease };
    const method = KVService.put;
    const message = grpcFrame(method.request.encode(request));
    const ended = (isAnswered: boolean): void => {
      if (isShort) return;
      if (isAnswered) this.#alive.push(lease);
      else this.refused += 1;
    };
    return { path: method.path, message, ended };
  }

  #call<Q, R>(
    method: MethodDescriptor<Q, R>,
    request: Init<Q>,
    answered: () => void = () => {},
  ): LoadCall {
    const ended = (isAnswered: boolean): void => {
      if (isAnswered) answered();
      else this.refused += 1;
    };
    return { path: method.path, message: grpcFrame(method.request.encode(request)), ended };
  }
}
