// SPDX-License-Identifier: Apache-2.0

/**
 * What makes a running server visible: log lines in etcd's shape, and metrics under its names.
 *
 * Engines count in plain fields; the `collect…` functions read those fields when somebody scrapes.
 * Where a distribution is wanted, the shell owns a `Histogram` from the registry and observes.
 */
export { EventLoopDelay } from "./event-loop-delay.ts";
export {
  LogOutputError,
  type LogOutputs,
  type LogSink,
  openLogOutputs,
  ServerLogger,
  type ServerLoggerOptions,
  type StandardStream,
  type StandardStreams,
} from "./logger.ts";
export { METRICS_CONTENT_TYPE } from "./metric-text.ts";
export { Counter, Gauge, Histogram, type Labeled, MetricRegistry } from "./metrics.ts";
export { collectProcessMetrics } from "./process-metrics.ts";
export {
  collectGrpcMetrics,
  collectIdentityMetrics,
  collectLeaseMetrics,
  collectRaftMetrics,
  collectStoreMetrics,
  collectWatchMetrics,
  type GrpcMethodCounters,
  type GrpcMetricSource,
  type IdentityMetricSource,
  type LeaseMetricSource,
  type RaftMetricSource,
  type StoreMetricSource,
  type WatchMetricSource,
} from "./server-metrics.ts";
