// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../base/grpc-code.ts";

export { GrpcCode };

/** A gRPC status as a client sees it: code and exact text. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
}

/**
 * Every error of the client API with the code and text that etcd 3.7.1 sends. Two carry the code
 * Unknown although their names promise another one: 3.7.1 sends them so, and clients match texts.
 */
export const rpcErrors = {
  emptyKey: { code: GrpcCode.invalidArgument, message: "etcdserver: key is not provided" },
  keyNotFound: { code: GrpcCode.invalidArgument, message: "etcdserver: key not found" },
  valueProvided: { code: GrpcCode.invalidArgument, message: "etcdserver: value is provided" },
  leaseProvided: { code: GrpcCode.invalidArgument, message: "etcdserver: lease is provided" },
  tooManyOps: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: too many operations in txn request",
  },
  duplicateKey: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: duplicate key given in txn request",
  },
  invalidClientAPIVersion: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: invalid client api version",
  },
  invalidSortOption: { code: GrpcCode.invalidArgument, message: "etcdserver: invalid sort option" },
  compacted: {
    code: GrpcCode.outOfRange,
    message: "etcdserver: mvcc: required revision has been compacted",
  },
  futureRev: {
    code: GrpcCode.outOfRange,
    message: "etcdserver: mvcc: required revision is a future revision",
  },
  noSpace: {
    code: GrpcCode.resourceExhausted,
    message: "etcdserver: mvcc: database space exceeded",
  },
  leaseNotFound: { code: GrpcCode.notFound, message: "etcdserver: requested lease not found" },
  leaseExist: { code: GrpcCode.failedPrecondition, message: "etcdserver: lease already exists" },
  leaseTTLTooLarge: { code: GrpcCode.outOfRange, message: "etcdserver: too large lease TTL" },
  watchCanceled: { code: GrpcCode.canceled, message: "etcdserver: watch canceled" },
  memberExist: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: member ID already exist",
  },
  peerURLExist: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: Peer URLs already exists",
  },
  memberNotEnoughStarted: {
    code: GrpcCode.unknown,
    message: "etcdserver: re-configuration failed due to not enough started members",
  },
  memberBadURLs: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: given member URLs are invalid",
  },
  memberNotFound: { code: GrpcCode.notFound, message: "etcdserver: member not found" },
  memberNotLearner: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: can only promote a learner member",
  },
  learnerNotReady: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: can only promote a learner member which is in sync with leader",
  },
  tooManyLearners: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: too many learner members in cluster",
  },
  clusterIDMismatch: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: cluster ID mismatch",
  },
  requestTooLarge: { code: GrpcCode.invalidArgument, message: "etcdserver: request is too large" },
  requestTooManyRequests: { code: GrpcCode.unknown, message: "etcdserver: too many requests" },
  rootUserNotExist: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: root user does not exist",
  },
  rootRoleNotExist: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: root user does not have root role",
  },
  userAlreadyExist: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: user name already exists",
  },
  userEmpty: { code: GrpcCode.invalidArgument, message: "etcdserver: user name is empty" },
  userNotFound: { code: GrpcCode.failedPrecondition, message: "etcdserver: user name not found" },
  roleAlreadyExist: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: role name already exists",
  },
  roleNotFound: { code: GrpcCode.failedPrecondition, message: "etcdserver: role name not found" },
  roleEmpty: { code: GrpcCode.invalidArgument, message: "etcdserver: role name is empty" },
  authFailed: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: authentication failed, invalid user ID or password",
  },
  permissionNotGiven: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: permission not given",
  },
  permissionDenied: { code: GrpcCode.permissionDenied, message: "etcdserver: permission denied" },
  roleNotGranted: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: role is not granted to the user",
  },
  permissionNotGranted: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: permission is not granted to the role",
  },
  authNotEnabled: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: authentication is not enabled",
  },
  invalidAuthToken: { code: GrpcCode.unauthenticated, message: "etcdserver: invalid auth token" },
  invalidAuthMgmt: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: invalid auth management",
  },
  authOldRevision: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: revision of auth store is old",
  },
  noLeader: { code: GrpcCode.unavailable, message: "etcdserver: no leader" },
  notLeader: { code: GrpcCode.failedPrecondition, message: "etcdserver: not leader" },
  leaderChanged: { code: GrpcCode.unavailable, message: "etcdserver: leader changed" },
  notCapable: { code: GrpcCode.failedPrecondition, message: "etcdserver: not capable" },
  stopped: { code: GrpcCode.unavailable, message: "etcdserver: server stopped" },
  timeout: { code: GrpcCode.unavailable, message: "etcdserver: request timed out" },
  timeoutDueToLeaderFail: {
    code: GrpcCode.unavailable,
    message: "etcdserver: request timed out, possibly due to previous leader failure",
  },
  timeoutDueToConnectionLost: {
    code: GrpcCode.unavailable,
    message: "etcdserver: request timed out, possibly due to connection lost",
  },
  timeoutWaitAppliedIndex: {
    code: GrpcCode.unavailable,
    message: "etcdserver: request timed out, waiting for the applied index took too long",
  },
  unhealthy: { code: GrpcCode.unavailable, message: "etcdserver: unhealthy cluster" },
  corrupt: { code: GrpcCode.dataLoss, message: "etcdserver: corrupt cluster" },
  notSupportedForLearner: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: rpc not supported for learner",
  },
  badLeaderTransferee: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: bad leader transferee",
  },
  wrongDowngradeVersionFormat: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: wrong downgrade target version format",
  },
  invalidDowngradeTargetVersion: {
    code: GrpcCode.invalidArgument,
    message: "etcdserver: invalid downgrade target version",
  },
  clusterVersionUnavailable: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: cluster version not found during downgrade",
  },
  downgradeInProcess: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: cluster has a downgrade job in progress",
  },
  noInflightDowngrade: {
    code: GrpcCode.failedPrecondition,
    message: "etcdserver: no inflight downgrade job",
  },
  canceled: { code: GrpcCode.canceled, message: "etcdserver: request canceled" },
  deadlineExceeded: {
    code: GrpcCode.deadlineExceeded,
    message: "etcdserver: context deadline exceeded",
  },
} as const satisfies Record<string, RpcError>;
