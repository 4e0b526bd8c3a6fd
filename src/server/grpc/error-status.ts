// SPDX-License-Identifier: Apache-2.0

import { type RpcError, rpcErrors } from "../../api/rpc-errors.ts";
import type { ApplyError } from "../../core/apply/index.ts";
import type { Refusal } from "../replica/face.ts";

/** Code and text of every domain error; a missing row does not compile. */
export const applyErrorStatus: Readonly<Record<ApplyError, RpcError>> = {
  keyNotFound: rpcErrors.keyNotFound,
  leaseNotFound: rpcErrors.leaseNotFound,
  leaseExists: rpcErrors.leaseExist,
  leaseTtlTooLarge: rpcErrors.leaseTTLTooLarge,
  noSpace: rpcErrors.noSpace,
  corrupt: rpcErrors.corrupt,
  compacted: rpcErrors.compacted,
  futureRevision: rpcErrors.futureRev,
};

/** Code and text for requests that got no result. */
export const refusalStatus: Readonly<Record<Refusal, RpcError>> = {
  timeout: rpcErrors.timeout,
  stopped: rpcErrors.stopped,
  dropped: rpcErrors.leaderChanged,
  tooManyRequests: rpcErrors.requestTooManyRequests,
  tooLarge: rpcErrors.requestTooLarge,
};
