// SPDX-License-Identifier: Apache-2.0

import { Event } from "../../src/api/gen/mvccpb.ts";
import { WireReader } from "../../src/base/wire-reader.ts";
import type { WatchDelivery, WatchSink, WatchStream } from "../../src/core/mvcc/watch/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import type { SimMember, SimWorld } from "./contracts.ts";
import { expectThat } from "./failure.ts";

const FROM = "k";
const TO = "n";
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * A client that watches all keys of the run and, when its member goes away, resumes at another
 * one behind what it has seen. It must see every change once, in order, without a gap.
 */
export class Watcher implements WatchSink {
  readonly #world: SimWorld;
  readonly #number: number;
  readonly #random: SeededRandom;
  #member: SimMember | undefined;
  #stream: WatchStream | undefined;
  /** The first revision that has not been seen. */
  next = 2;
  #resumes = 0;

  constructor(world: SimWorld, number: number) {
    this.#world = world;
    this.#number = number;
    this.#random = new SeededRandom(world.random.intBelow(2 ** 32));
  }

  start(): void {
    const member = this.#world.anyMember(undefined, this.#random);
    if (member === undefined) {
      this.#again();
      return;
    }
    this.#member = member;
    const stream = member.hub.openStream(this);
    this.#stream = stream;
    if (this.#resumes++ > 0) this.#world.coverage.saw("a watch was resumed at another member");
    this.#world.transcript.note("watch", this.#number, member.machine.number, this.next);
    const created = member.hub.create(stream, {
      id: 0n,
      key: encode(FROM),
      rangeEnd: encode(TO),
      startRevision: this.next,
      withoutPuts: false,
      withoutDeletes: false,
      withPrevious: false,
      fragment: false,
      progressNotify: false,
    });
    expectThat(created.ok, "watches are complete", () => "a watch was refused");
    member.onDeath.add(() => {
      if (this.#member === member) this.#again();
    });
    // Sometimes the client goes on elsewhere by itself.
    this.#world.schedule.after(1000 + this.#random.intBelow(7500), () => {
      if (this.#member === member && !member.isDead) this.move();
    });
  }

  /** Leaves the member and resumes at some other. */
  move(): void {
    const member = this.#member;
    if (member !== undefined && this.#stream !== undefined) {
      member.hub.closeStream(this.#stream);
    }
    this.#again();
  }

  #again(): void {
    this.#member = undefined;
    this.#stream = undefined;
    this.#world.schedule.after(25 + this.#random.intBelow(100), () => {
      if (this.#member === undefined) this.start();
    });
  }

  deliver(delivery: WatchDelivery): boolean {
    if (delivery.compactRevision > 0) this.#onCompacted(delivery.compactRevision);
    else if (delivery.events.length > 0) this.#onEvents(delivery);
    return this.#hasRoom();
  }

  #onCompacted(compactRevision: number): void {
    expectThat(
      compactRevision > this.next,
      "watches are complete",
      () => `cancelled at ${this.next} for a compaction to ${compactRevision}`,
    );
    this.#world.coverage.saw("a watch was cancelled by a compaction");
    this.next = compactRevision;
    this.#world.schedule.after(0, () => this.move());
  }

  #onEvents(delivery: WatchDelivery): void {
    const events = delivery.events.map((field) => {
      const reader = new WireReader(field);
      reader.uint32();
      return Event.read(reader.nested());
    });
    const found = events.map(({ type, kv }) => ({
      key: decode(kv?.key ?? new Uint8Array(0)),
      value: type === 1 ? null : decode(kv?.value ?? new Uint8Array(0)),
      revision: kv?.modRevision ?? 0,
    }));
    const last = found.at(-1)?.revision ?? 0;
    const expected = this.#world.judge.history
      .changesIn(FROM, TO, this.next, last)
      .map(({ key, value, revision }) => ({ key, value, revision }));
    expectThat(
      JSON.stringify(found) === JSON.stringify(expected),
      "watches are complete",
      () => `from ${this.next} came ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
    );
    if (found[0]?.revision !== last) {
      this.#world.coverage.saw("a watch lagged and caught up");
    }
    this.#world.transcript.note("events", this.#number, last);
    this.next = last + 1;
  }

  #hasRoom(): boolean {
    if (this.#world.isCalm || !this.#random.chance(5)) return true;
    const member = this.#member;
    const stream = this.#stream;
    if (member === undefined || stream === undefined) return true;
    this.#world.schedule.after(this.#random.intBelow(500), () => {
      if (!member.isDead) member.hub.resume(stream);
    });
    return false;
  }

  /** How many changes are yet to come. */
  get missed(): number {
    const { history } = this.#world.judge;
    return history.changesIn(FROM, TO, this.next, history.revision).length;
  }

  /** At the end, everything has been seen. */
  checkEnd(): void {
    const { history } = this.#world.judge;
    expectThat(this.missed === 0, "watches are complete", () => {
      return `revisions from ${this.next} to ${history.revision} never came`;
    });
  }
}
