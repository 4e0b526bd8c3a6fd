// SPDX-License-Identifier: Apache-2.0
/**
 * A member inside a Node program: `startEtcd` takes a configuration, a logger and, for tests, the
 * outside world, and answers with a running member. This folder is the one place where a member is
 * put together: it builds the graph by constructors and holds the order of starting and stopping.
 *
 * Start: ports, data directory and its lock, store, log, engines, endpoint; then the member leads
 * (or follows), publishes itself, and only then serves clients.
 * Stop: no new connections, calls in flight end, watchers are told, loop and disk work end, store
 * and log are closed, the lock and the ports are given back.
 */
export { type Outside, type RunningEtcd, startEtcd } from "./etcd.ts";
