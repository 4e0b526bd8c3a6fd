// SPDX-License-Identifier: Apache-2.0

/** The etcd release whose interfaces etcdx speaks. */
export const ETCD_VERSION = "3.7.1";
/** `major.minor` of the client API. */
export const API_VERSION = "3.7";
/** Cluster and storage version of a cluster whose members all run this release. */
export const CLUSTER_VERSION = "3.7.0";
/** The lowest cluster version a member can work with. */
export const MIN_CLUSTER_VERSION = "3.0.0";
/** etcdx's own version. */
export const ETCDX_VERSION = "0.1.0";
