// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { StreamObserver } from "../grpc/index.ts";
import type { MetricRegistry } from "../observe/index.ts";
import type { SendingObserver } from "../replica/watch-fanout.ts";

/** What hears of streams of watches and renewals. */
export interface StreamObservers {
  readonly watch: StreamObserver;
  readonly watchEvents: SendingObserver;
  readonly keepAliveReceiveFailed: () => void;
}

/**
 * Histograms of sending on watch streams, and failures of streams. etcd times every response with
 * events by itself; here those of one batch are timed together, and each counts with its share.
 */
export function streamMetrics(registry: MetricRegistry, clock: Clock): StreamObservers {
  const loop = "etcd_debugging_server_watch_send_loop_";
  const responses = registry.histogram(`${loop}watch_stream_duration_seconds`);
  const perEvent = registry.histogram(`${loop}watch_stream_duration_per_event_seconds`);
  const control = registry.histogram(`${loop}control_stream_duration_seconds`);
  const progress = registry.histogram(`${loop}progress_duration_seconds`);
  const failures = registry.labeledCounter("etcd_network_server_stream_failures_total");
  const nowMs = (): number => clock.monotonicMs();
  return {
    watch: {
      nowMs,
      controlSent: (tookMs) => control.observe(tookMs / 1000),
      progressed: (tookMs) => progress.observe(tookMs / 1000),
      receiveFailed: () => failures.child("receive", "watch").inc(),
    },
    watchEvents: {
      nowMs,
      sent: (tookMs, responseCount, eventCount) => {
        responses.observeMany(tookMs / 1000 / responseCount, responseCount);
        perEvent.observeMany(tookMs / 1000 / Math.max(eventCount, 1), responseCount);
      },
    },
    keepAliveReceiveFailed: () => failures.child("receive", "lease-keepalive").inc(),
  };
}
