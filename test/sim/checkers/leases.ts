// SPDX-License-Identifier: Apache-2.0

import type { Coverage } from "../coverage.ts";
import { expectThat } from "../failure.ts";

/** A clock that can be asked what it showed at an earlier simulated time. */
export interface PastClock {
  monotonicMs(): number;
  monotonicAt(simulatedMs: number): number;
}

/** A member, as it considered a lease to have run out. */
interface Claim {
  readonly name: string;
  readonly clock: PastClock;
  /** On that member's clock. */
  readonly atMs: number;
}

interface Known {
  readonly ttlMs: number;
  /** When the last grant or renewal that was answered had been asked for; undefined: none was. */
  sinceMs: number | undefined;
  /** A client asked for its end, so that it may come at any time. */
  isUnwanted: boolean;
  readonly claims: Claim[];
  /** When the first member ended it. */
  endedMs: number | undefined;
  renewedBy: string | undefined;
}

/** What a revoke did to one member's store. */
export interface RevokeSeen {
  readonly name: string;
  readonly id: bigint;
  /** The revision before, and behind it. */
  readonly before: number;
  readonly behind: number;
  /** Keys of the lease before, and behind it. */
  readonly keys: readonly string[];
  readonly left: number;
  /** What became of the keys, in order. */
  readonly deleted: readonly string[];
}

/** What clients were promised about leases, and what members make of it. */
export class LeaseLedger {
  readonly #coverage: Coverage;
  readonly #now: () => number;
  readonly #leases = new Map<bigint, Known>();

  constructor(coverage: Coverage, now: () => number) {
    this.#coverage = coverage;
    this.#now = now;
  }

  /** A client asks for a lease. */
  asked(id: bigint, ttlSeconds: number): void {
    this.#leases.set(id, {
      ttlMs: ttlSeconds * 1000,
      sinceMs: undefined,
      isUnwanted: false,
      claims: [],
      endedMs: undefined,
      renewedBy: undefined,
    });
  }

  granted(id: bigint, askedMs: number): void {
    this.#coverage.saw("a lease was granted");
    this.#prolong(id, askedMs);
  }

  renewed(id: bigint, askedMs: number, by: string): void {
    const known = this.#known(id);
    this.#coverage.saw("a lease was renewed");
    if (known.renewedBy !== undefined && known.renewedBy !== by) {
      this.#coverage.saw("a lease was renewed under another leader");
    }
    known.renewedBy = by;
    expectThat(
      (known.endedMs ?? Number.POSITIVE_INFINITY) >= askedMs,
      "leases are kept",
      () => `${by} renewed lease ${id}, which had ended at ${known.endedMs}`,
    );
    this.#prolong(id, askedMs);
  }

  /** A client was told that there is no such lease. */
  missed(id: bigint): void {
    const known = this.#known(id);
    expectThat(
      known.sinceMs === undefined || known.endedMs !== undefined,
      "leases are kept",
      () => `lease ${id} is not known, although nobody has ended it`,
    );
    if (known.endedMs !== undefined) this.#coverage.saw("a lease was used too late");
  }

  unwanted(id: bigint): void {
    this.#known(id).isUnwanted = true;
  }

  /** A member proposes the end of a lease that has run out on its clock. */
  claimed(id: bigint, name: string, clock: PastClock): void {
    this.#known(id).claims.push({ name, clock, atMs: clock.monotonicMs() });
  }

  /** A member has applied the end of a lease that it had. */
  ended(seen: RevokeSeen): void {
    const known = this.#known(seen.id);
    this.#checkKeys(seen);
    if (known.endedMs !== undefined) return;
    known.endedMs = this.#now();
    if (seen.keys.length > 0) this.#coverage.saw("keys went with their lease");
    if (known.isUnwanted) {
      this.#coverage.saw("a lease was revoked");
      return;
    }
    this.#coverage.saw("a lease ran out");
    const { sinceMs, ttlMs } = known;
    if (sinceMs === undefined) return;
    const ages = known.claims.map(({ atMs, clock }) => atMs - clock.monotonicAt(sinceMs));
    expectThat(
      ages.some((ageMs) => ageMs >= ttlMs - 0.001),
      "leases are kept",
      () => {
        const claims = known.claims.map(({ name }, at) => `${name} after ${ages[at]?.toFixed(1)}`);
        return `lease ${seen.id} of ${ttlMs} ms from ${sinceMs} on was ended: ${claims.join(", ")}`;
      },
    );
  }

  /** All keys of a lease go in one revision, in order; without keys there is none. */
  #checkKeys({ name, id, before, behind, keys, left, deleted }: RevokeSeen): void {
    const revisions = keys.length > 0 ? 1 : 0;
    expectThat(
      left === 0 && behind === before + revisions && deleted.join() === keys.join(),
      "leases end whole",
      () =>
        `${name} ended lease ${id} with ${keys.join()} at ${before}: it deleted ` +
        `${deleted.join()}, ${left} keys are left at ${behind}`,
    );
  }

  #prolong(id: bigint, askedMs: number): void {
    const known = this.#known(id);
    known.sinceMs = Math.max(known.sinceMs ?? askedMs, askedMs);
  }

  #known(id: bigint): Known {
    const known = this.#leases.get(id);
    expectThat(known !== undefined, "leases are kept", () => `nobody asked for lease ${id}`);
    return known;
  }
}
