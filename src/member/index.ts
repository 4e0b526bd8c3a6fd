// SPDX-License-Identifier: Apache-2.0
//
// What is fixed about a member before a server runs: who it is, where its files lie, and the first
// log of its cluster. The server founds members with it, the offline program restores them.

export { type DataPaths, dataPaths } from "./data-paths.ts";
export {
  decodeMetadata,
  encodeMetadata,
  type Founding,
  foundCluster,
  type Identity,
  type InitialMember,
} from "./identity.ts";
