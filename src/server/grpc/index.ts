// SPDX-License-Identifier: Apache-2.0
/**
 * The gRPC services: they validate requests, hand writes to the replica, read the store, and word
 * answers and errors as etcd 3.7.1 does. Methods that are not built yet refuse by their name.
 */

export { ClusterService } from "./cluster.ts";
export { alarmTypeName } from "./describe-alarm.ts";
export { applyErrorStatus, refusalStatus } from "./error-status.ts";
export { healthMethods, healthStreams } from "./health.ts";
export { type CallChecks, guarded, timed } from "./interceptors.ts";
export { KvService } from "./kv.ts";
export { LeaseService } from "./lease.ts";
export { LeaseKeepAliveService } from "./lease-keep-alive.ts";
export { MaintenanceService, type MaintenanceTimes, type StorageFacts } from "./maintenance.ts";
export { RangeStreamService } from "./range-stream.ts";
export type { Methods } from "./service.ts";
export { type RequestType, type SlowRequestOptions, SlowRequests } from "./slow-requests.ts";
export { type DatabaseStream, SnapshotService } from "./snapshot.ts";
export { SpaceCheck } from "./space-check.ts";
export { unsupportedMethods } from "./unsupported.ts";
export { type StreamObserver, WatchService } from "./watch.ts";
