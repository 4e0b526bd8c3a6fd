// SPDX-License-Identifier: Apache-2.0

import { type Event, Event as EventCodec } from "../../../../api/gen/mvccpb.ts";
import { WireReader } from "../../../../base/wire-reader.ts";
import type { WatchDelivery, WatchSink } from "../index.ts";

/** A sink that keeps what it gets and has room for a given number of responses. */
export class RecordingSink implements WatchSink {
  readonly deliveries: WatchDelivery[] = [];
  /** Responses it holds before it says that it is full. */
  readonly heldMax: number;
  /** Nobody reads: what is delivered stays held. */
  stalled = false;
  held = 0;
  heldPeak = 0;

  constructor(heldMax = 1) {
    this.heldMax = heldMax;
  }

  deliver(delivery: WatchDelivery): boolean {
    this.deliveries.push(delivery);
    if (!this.stalled) return true;
    this.held++;
    this.heldPeak = Math.max(this.heldPeak, this.held);
    return this.held < this.heldMax;
  }

  /** Everything delivered since the last call. */
  take(): WatchDelivery[] {
    return this.deliveries.splice(0);
  }
}

/** The events of a delivery, decoded from its spliced fields. */
export function eventsOf(delivery: WatchDelivery): Event[] {
  return delivery.events.map((field) => {
    const reader = new WireReader(field);
    reader.uint32();
    return EventCodec.read(reader.nested());
  });
}
