// SPDX-License-Identifier: Apache-2.0

/** `UNKNOWN` is a type that this version has no name for. */
export type AlarmName = "NOSPACE" | "CORRUPT" | "UNKNOWN";

/** What the HTTP endpoints want to know about the server they speak for. */
export interface HealthSource {
  readonly leaderKnown: boolean;
  readonly isLearner: boolean;
  /** Active alarms of the whole cluster, in the order they are reported. */
  readonly alarms: readonly AlarmName[];
  readonly versions: ServerVersions;
  /**
   * Reads one key from the local store, permissions aside. Rejects with an error whose message is
   * what etcd would say, within the request timeout.
   */
  serializableRead(): Promise<void>;
  /** The same after agreement with the cluster on how far it has come. */
  linearizableRead(): Promise<void>;
}

export interface ServerVersions {
  /** `3.7.1` */
  readonly server: string;
  /** `3.7.0`; undefined until the cluster has agreed on one. */
  readonly cluster: string | undefined;
  /** `3.7.0`; undefined until the store has one. */
  readonly storage: string | undefined;
}
