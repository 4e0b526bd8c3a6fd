// SPDX-License-Identifier: Apache-2.0
//
// The addresses of members as etcd's flags spell them: URLs under Go's rules, the list of a new
// cluster's members, and what etcd checks about both before it founds or restores one.

export {
  checkInitialCluster,
  formatInitialCluster,
  type InitialCluster,
  type InitialClusterResult,
  type OwnPlace,
  parseInitialCluster,
  type UrlsEqual,
} from "./initial-cluster.ts";
export {
  checkBindUrls,
  checkHostUrls,
  joinUrls,
  type MemberUrl,
  parseMemberUrls,
  splitHostPort,
} from "./member-urls.ts";
