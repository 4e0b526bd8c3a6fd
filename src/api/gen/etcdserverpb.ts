// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec, MethodDescriptor } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";
import * as authpb from "./authpb.ts";
import * as membershippb from "./membershippb.ts";
import * as mvccpb from "./mvccpb.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export interface Metadata {
  NodeID: bigint | undefined;
  ClusterID: bigint | undefined;
}

export const Metadata: MessageCodec<Metadata> = {
  typeName: "etcdserverpb.Metadata",
  create(init) {
    const message: Metadata = {
      NodeID: undefined,
      ClusterID: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Metadata.write(message, writer); return writer.copy(); },
  decode(bytes) { return Metadata.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.NodeID !== undefined) { writer.uint32(8); writer.bigint64(message.NodeID); }
    if (message.ClusterID !== undefined) { writer.uint32(16); writer.bigint64(message.ClusterID); }
  },
  read(reader, begun) {
    const message: Metadata = begun ?? {
      NodeID: undefined,
      ClusterID: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.NodeID = reader.uint64(); break;
        case 16: message.ClusterID = reader.uint64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface RequestHeader {
  ID: bigint;
  username: string;
  authRevision: number;
}

export const RequestHeader: MessageCodec<RequestHeader> = {
  typeName: "etcdserverpb.RequestHeader",
  create(init) {
    const message: RequestHeader = {
      ID: 0n,
      username: "",
      authRevision: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); RequestHeader.write(message, writer); return writer.copy(); },
  decode(bytes) { return RequestHeader.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.username !== undefined && message.username.length > 0) { writer.uint32(18); writer.string(message.username); }
    if (message.authRevision !== undefined && message.authRevision !== 0) { writer.uint32(24); writer.number64(message.authRevision); }
  },
  read(reader, begun) {
    const message: RequestHeader = begun ?? {
      ID: 0n,
      username: "",
      authRevision: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.uint64(); break;
        case 18: message.username = reader.string(); break;
        case 24: message.authRevision = reader.uint64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface InternalRaftRequest {
  ID: bigint;
  range: RangeRequest | undefined;
  put: PutRequest | undefined;
  deleteRange: DeleteRangeRequest | undefined;
  txn: TxnRequest | undefined;
  compaction: CompactionRequest | undefined;
  leaseGrant: LeaseGrantRequest | undefined;
  leaseRevoke: LeaseRevokeRequest | undefined;
  alarm: AlarmRequest | undefined;
  leaseCheckpoint: LeaseCheckpointRequest | undefined;
  header: RequestHeader | undefined;
  authEnable: AuthEnableRequest | undefined;
  authDisable: AuthDisableRequest | undefined;
  authenticate: InternalAuthenticateRequest | undefined;
  authStatus: AuthStatusRequest | undefined;
  authUserAdd: AuthUserAddRequest | undefined;
  authUserDelete: AuthUserDeleteRequest | undefined;
  authUserGet: AuthUserGetRequest | undefined;
  authUserChangePassword: AuthUserChangePasswordRequest | undefined;
  authUserGrantRole: AuthUserGrantRoleRequest | undefined;
  authUserRevokeRole: AuthUserRevokeRoleRequest | undefined;
  authUserList: AuthUserListRequest | undefined;
  authRoleList: AuthRoleListRequest | undefined;
  authRoleAdd: AuthRoleAddRequest | undefined;
  authRoleDelete: AuthRoleDeleteRequest | undefined;
  authRoleGet: AuthRoleGetRequest | undefined;
  authRoleGrantPermission: AuthRoleGrantPermissionRequest | undefined;
  authRoleRevokePermission: AuthRoleRevokePermissionRequest | undefined;
  clusterVersionSet: membershippb.ClusterVersionSetRequest | undefined;
  clusterMemberAttrSet: membershippb.ClusterMemberAttrSetRequest | undefined;
  downgradeInfoSet: membershippb.DowngradeInfoSetRequest | undefined;
  downgradeVersionTest: DowngradeVersionTestRequest | undefined;
}

export const InternalRaftRequest: MessageCodec<InternalRaftRequest> = {
  typeName: "etcdserverpb.InternalRaftRequest",
  create(init) {
    const message: InternalRaftRequest = {
      ID: 0n,
      range: undefined,
      put: undefined,
      deleteRange: undefined,
      txn: undefined,
      compaction: undefined,
      leaseGrant: undefined,
      leaseRevoke: undefined,
      alarm: undefined,
      leaseCheckpoint: undefined,
      header: undefined,
      authEnable: undefined,
      authDisable: undefined,
      authenticate: undefined,
      authStatus: undefined,
      authUserAdd: undefined,
      authUserDelete: undefined,
      authUserGet: undefined,
      authUserChangePassword: undefined,
      authUserGrantRole: undefined,
      authUserRevokeRole: undefined,
      authUserList: undefined,
      authRoleList: undefined,
      authRoleAdd: undefined,
      authRoleDelete: undefined,
      authRoleGet: undefined,
      authRoleGrantPermission: undefined,
      authRoleRevokePermission: undefined,
      clusterVersionSet: undefined,
      clusterMemberAttrSet: undefined,
      downgradeInfoSet: undefined,
      downgradeVersionTest: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); InternalRaftRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return InternalRaftRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.range !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    RangeRequest.write(message.range, writer);
    writer.close(start); }
    }
    if (message.put !== undefined) {
    writer.uint32(34);
    { const start = writer.open();
    PutRequest.write(message.put, writer);
    writer.close(start); }
    }
    if (message.deleteRange !== undefined) {
    writer.uint32(42);
    { const start = writer.open();
    DeleteRangeRequest.write(message.deleteRange, writer);
    writer.close(start); }
    }
    if (message.txn !== undefined) {
    writer.uint32(50);
    { const start = writer.open();
    TxnRequest.write(message.txn, writer);
    writer.close(start); }
    }
    if (message.compaction !== undefined) {
    writer.uint32(58);
    { const start = writer.open();
    CompactionRequest.write(message.compaction, writer);
    writer.close(start); }
    }
    if (message.leaseGrant !== undefined) {
    writer.uint32(66);
    { const start = writer.open();
    LeaseGrantRequest.write(message.leaseGrant, writer);
    writer.close(start); }
    }
    if (message.leaseRevoke !== undefined) {
    writer.uint32(74);
    { const start = writer.open();
    LeaseRevokeRequest.write(message.leaseRevoke, writer);
    writer.close(start); }
    }
    if (message.alarm !== undefined) {
    writer.uint32(82);
    { const start = writer.open();
    AlarmRequest.write(message.alarm, writer);
    writer.close(start); }
    }
    if (message.leaseCheckpoint !== undefined) {
    writer.uint32(90);
    { const start = writer.open();
    LeaseCheckpointRequest.write(message.leaseCheckpoint, writer);
    writer.close(start); }
    }
    if (message.header !== undefined) {
    writer.uint32(802);
    { const start = writer.open();
    RequestHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.authEnable !== undefined) {
    writer.uint32(8002);
    { const start = writer.open();
    AuthEnableRequest.write(message.authEnable, writer);
    writer.close(start); }
    }
    if (message.authDisable !== undefined) {
    writer.uint32(8090);
    { const start = writer.open();
    AuthDisableRequest.write(message.authDisable, writer);
    writer.close(start); }
    }
    if (message.authenticate !== undefined) {
    writer.uint32(8098);
    { const start = writer.open();
    InternalAuthenticateRequest.write(message.authenticate, writer);
    writer.close(start); }
    }
    if (message.authStatus !== undefined) {
    writer.uint32(8106);
    { const start = writer.open();
    AuthStatusRequest.write(message.authStatus, writer);
    writer.close(start); }
    }
    if (message.authUserAdd !== undefined) {
    writer.uint32(8802);
    { const start = writer.open();
    AuthUserAddRequest.write(message.authUserAdd, writer);
    writer.close(start); }
    }
    if (message.authUserDelete !== undefined) {
    writer.uint32(8810);
    { const start = writer.open();
    AuthUserDeleteRequest.write(message.authUserDelete, writer);
    writer.close(start); }
    }
    if (message.authUserGet !== undefined) {
    writer.uint32(8818);
    { const start = writer.open();
    AuthUserGetRequest.write(message.authUserGet, writer);
    writer.close(start); }
    }
    if (message.authUserChangePassword !== undefined) {
    writer.uint32(8826);
    { const start = writer.open();
    AuthUserChangePasswordRequest.write(message.authUserChangePassword, writer);
    writer.close(start); }
    }
    if (message.authUserGrantRole !== undefined) {
    writer.uint32(8834);
    { const start = writer.open();
    AuthUserGrantRoleRequest.write(message.authUserGrantRole, writer);
    writer.close(start); }
    }
    if (message.authUserRevokeRole !== undefined) {
    writer.uint32(8842);
    { const start = writer.open();
    AuthUserRevokeRoleRequest.write(message.authUserRevokeRole, writer);
    writer.close(start); }
    }
    if (message.authUserList !== undefined) {
    writer.uint32(8850);
    { const start = writer.open();
    AuthUserListRequest.write(message.authUserList, writer);
    writer.close(start); }
    }
    if (message.authRoleList !== undefined) {
    writer.uint32(8858);
    { const start = writer.open();
    AuthRoleListRequest.write(message.authRoleList, writer);
    writer.close(start); }
    }
    if (message.authRoleAdd !== undefined) {
    writer.uint32(9602);
    { const start = writer.open();
    AuthRoleAddRequest.write(message.authRoleAdd, writer);
    writer.close(start); }
    }
    if (message.authRoleDelete !== undefined) {
    writer.uint32(9610);
    { const start = writer.open();
    AuthRoleDeleteRequest.write(message.authRoleDelete, writer);
    writer.close(start); }
    }
    if (message.authRoleGet !== undefined) {
    writer.uint32(9618);
    { const start = writer.open();
    AuthRoleGetRequest.write(message.authRoleGet, writer);
    writer.close(start); }
    }
    if (message.authRoleGrantPermission !== undefined) {
    writer.uint32(9626);
    { const start = writer.open();
    AuthRoleGrantPermissionRequest.write(message.authRoleGrantPermission, writer);
    writer.close(start); }
    }
    if (message.authRoleRevokePermission !== undefined) {
    writer.uint32(9634);
    { const start = writer.open();
    AuthRoleRevokePermissionRequest.write(message.authRoleRevokePermission, writer);
    writer.close(start); }
    }
    if (message.clusterVersionSet !== undefined) {
    writer.uint32(10402);
    { const start = writer.open();
    membershippb.ClusterVersionSetRequest.write(message.clusterVersionSet, writer);
    writer.close(start); }
    }
    if (message.clusterMemberAttrSet !== undefined) {
    writer.uint32(10410);
    { const start = writer.open();
    membershippb.ClusterMemberAttrSetRequest.write(message.clusterMemberAttrSet, writer);
    writer.close(start); }
    }
    if (message.downgradeInfoSet !== undefined) {
    writer.uint32(10418);
    { const start = writer.open();
    membershippb.DowngradeInfoSetRequest.write(message.downgradeInfoSet, writer);
    writer.close(start); }
    }
    if (message.downgradeVersionTest !== undefined) {
    writer.uint32(79202);
    { const start = writer.open();
    DowngradeVersionTestRequest.write(message.downgradeVersionTest, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: InternalRaftRequest = begun ?? {
      ID: 0n,
      range: undefined,
      put: undefined,
      deleteRange: undefined,
      txn: undefined,
      compaction: undefined,
      leaseGrant: undefined,
      leaseRevoke: undefined,
      alarm: undefined,
      leaseCheckpoint: undefined,
      header: undefined,
      authEnable: undefined,
      authDisable: undefined,
      authenticate: undefined,
      authStatus: undefined,
      authUserAdd: undefined,
      authUserDelete: undefined,
      authUserGet: undefined,
      authUserChangePassword: undefined,
      authUserGrantRole: undefined,
      authUserRevokeRole: undefined,
      authUserList: undefined,
      authRoleList: undefined,
      authRoleAdd: undefined,
      authRoleDelete: undefined,
      authRoleGet: undefined,
      authRoleGrantPermission: undefined,
      authRoleRevokePermission: undefined,
      clusterVersionSet: undefined,
      clusterMemberAttrSet: undefined,
      downgradeInfoSet: undefined,
      downgradeVersionTest: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.uint64(); break;
        case 26: message.range = RangeRequest.read(reader.nested(), message.range); break;
        case 34: message.put = PutRequest.read(reader.nested(), message.put); break;
        case 42: message.deleteRange = DeleteRangeRequest.read(reader.nested(), message.deleteRange); break;
        case 50: message.txn = TxnRequest.read(reader.nested(), message.txn); break;
        case 58: message.compaction = CompactionRequest.read(reader.nested(), message.compaction); break;
        case 66: message.leaseGrant = LeaseGrantRequest.read(reader.nested(), message.leaseGrant); break;
        case 74: message.leaseRevoke = LeaseRevokeRequest.read(reader.nested(), message.leaseRevoke); break;
        case 82: message.alarm = AlarmRequest.read(reader.nested(), message.alarm); break;
        case 90: message.leaseCheckpoint = LeaseCheckpointRequest.read(reader.nested(), message.leaseCheckpoint); break;
        case 802: message.header = RequestHeader.read(reader.nested(), message.header); break;
        case 8002: message.authEnable = AuthEnableRequest.read(reader.nested(), message.authEnable); break;
        case 8090: message.authDisable = AuthDisableRequest.read(reader.nested(), message.authDisable); break;
        case 8098: message.authenticate = InternalAuthenticateRequest.read(reader.nested(), message.authenticate); break;
        case 8106: message.authStatus = AuthStatusRequest.read(reader.nested(), message.authStatus); break;
        case 8802: message.authUserAdd = AuthUserAddRequest.read(reader.nested(), message.authUserAdd); break;
        case 8810: message.authUserDelete = AuthUserDeleteRequest.read(reader.nested(), message.authUserDelete); break;
        case 8818: message.authUserGet = AuthUserGetRequest.read(reader.nested(), message.authUserGet); break;
        case 8826: message.authUserChangePassword = AuthUserChangePasswordRequest.read(reader.nested(), message.authUserChangePassword); break;
        case 8834: message.authUserGrantRole = AuthUserGrantRoleRequest.read(reader.nested(), message.authUserGrantRole); break;
        case 8842: message.authUserRevokeRole = AuthUserRevokeRoleRequest.read(reader.nested(), message.authUserRevokeRole); break;
        case 8850: message.authUserList = AuthUserListRequest.read(reader.nested(), message.authUserList); break;
        case 8858: message.authRoleList = AuthRoleListRequest.read(reader.nested(), message.authRoleList); break;
        case 9602: message.authRoleAdd = AuthRoleAddRequest.read(reader.nested(), message.authRoleAdd); break;
        case 9610: message.authRoleDelete = AuthRoleDeleteRequest.read(reader.nested(), message.authRoleDelete); break;
        case 9618: message.authRoleGet = AuthRoleGetRequest.read(reader.nested(), message.authRoleGet); break;
        case 9626: message.authRoleGrantPermission = AuthRoleGrantPermissionRequest.read(reader.nested(), message.authRoleGrantPermission); break;
        case 9634: message.authRoleRevokePermission = AuthRoleRevokePermissionRequest.read(reader.nested(), message.authRoleRevokePermission); break;
        case 10402: message.clusterVersionSet = membershippb.ClusterVersionSetRequest.read(reader.nested(), message.clusterVersionSet); break;
        case 10410: message.clusterMemberAttrSet = membershippb.ClusterMemberAttrSetRequest.read(reader.nested(), message.clusterMemberAttrSet); break;
        case 10418: message.downgradeInfoSet = membershippb.DowngradeInfoSetRequest.read(reader.nested(), message.downgradeInfoSet); break;
        case 79202: message.downgradeVersionTest = DowngradeVersionTestRequest.read(reader.nested(), message.downgradeVersionTest); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface EmptyResponse {
}

export const EmptyResponse: MessageCodec<EmptyResponse> = {
  typeName: "etcdserverpb.EmptyResponse",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); EmptyResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return EmptyResponse.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: EmptyResponse = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface InternalAuthenticateRequest {
  name: string;
  password: string;
  simpleToken: string;
}

export const InternalAuthenticateRequest: MessageCodec<InternalAuthenticateRequest> = {
  typeName: "etcdserverpb.InternalAuthenticateRequest",
  create(init) {
    const message: InternalAuthenticateRequest = {
      name: "",
      password: "",
      simpleToken: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); InternalAuthenticateRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return InternalAuthenticateRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
    if (message.password !== undefined && message.password.length > 0) { writer.uint32(18); writer.string(message.password); }
    if (message.simpleToken !== undefined && message.simpleToken.length > 0) { writer.uint32(26); writer.string(message.simpleToken); }
  },
  read(reader, begun) {
    const message: InternalAuthenticateRequest = begun ?? {
      name: "",
      password: "",
      simpleToken: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        case 18: message.password = reader.string(); break;
        case 26: message.simpleToken = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type AlarmType = number;
export const AlarmType = {
  NONE: 0,
  NOSPACE: 1,
  CORRUPT: 2,
} as const;

export interface ResponseHeader {
  clusterId: bigint;
  memberId: bigint;
  revision: number;
  raftTerm: number;
}

export const ResponseHeader: MessageCodec<ResponseHeader> = {
  typeName: "etcdserverpb.ResponseHeader",
  create(init) {
    const message: ResponseHeader = {
      clusterId: 0n,
      memberId: 0n,
      revision: 0,
      raftTerm: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ResponseHeader.write(message, writer); return writer.copy(); },
  decode(bytes) { return ResponseHeader.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.clusterId !== undefined && message.clusterId !== 0n) { writer.uint32(8); writer.bigint64(message.clusterId); }
    if (message.memberId !== undefined && message.memberId !== 0n) { writer.uint32(16); writer.bigint64(message.memberId); }
    if (message.revision !== undefined && message.revision !== 0) { writer.uint32(24); writer.number64(message.revision); }
    if (message.raftTerm !== undefined && message.raftTerm !== 0) { writer.uint32(32); writer.number64(message.raftTerm); }
  },
  read(reader, begun) {
    const message: ResponseHeader = begun ?? {
      clusterId: 0n,
      memberId: 0n,
      revision: 0,
      raftTerm: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.clusterId = reader.uint64(); break;
        case 16: message.memberId = reader.uint64(); break;
        case 24: message.revision = reader.int64Number(); break;
        case 32: message.raftTerm = reader.uint64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface RangeRequest {
  key: Uint8Array;
  rangeEnd: Uint8Array;
  limit: number;
  revision: number;
  sortOrder: RangeRequest_SortOrder;
  sortTarget: RangeRequest_SortTarget;
  serializable: boolean;
  keysOnly: boolean;
  countOnly: boolean;
  minModRevision: number;
  maxModRevision: number;
  minCreateRevision: number;
  maxCreateRevision: number;
}

export const RangeRequest: MessageCodec<RangeRequest> = {
  typeName: "etcdserverpb.RangeRequest",
  create(init) {
    const message: RangeRequest = {
      key: EMPTY,
      rangeEnd: EMPTY,
      limit: 0,
      revision: 0,
      sortOrder: 0,
      sortTarget: 0,
      serializable: false,
      keysOnly: false,
      countOnly: false,
      minModRevision: 0,
      maxModRevision: 0,
      minCreateRevision: 0,
      maxCreateRevision: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); RangeRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return RangeRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(10); writer.bytes(message.key); }
    if (message.rangeEnd !== undefined && message.rangeEnd.length > 0) { writer.uint32(18); writer.bytes(message.rangeEnd); }
    if (message.limit !== undefined && message.limit !== 0) { writer.uint32(24); writer.number64(message.limit); }
    if (message.revision !== undefined && message.revision !== 0) { writer.uint32(32); writer.number64(message.revision); }
    if (message.sortOrder !== undefined && message.sortOrder !== 0) { writer.uint32(40); writer.int32(message.sortOrder); }
    if (message.sortTarget !== undefined && message.sortTarget !== 0) { writer.uint32(48); writer.int32(message.sortTarget); }
    if (message.serializable !== undefined && message.serializable !== false) { writer.uint32(56); writer.bool(message.serializable); }
    if (message.keysOnly !== undefined && message.keysOnly !== false) { writer.uint32(64); writer.bool(message.keysOnly); }
    if (message.countOnly !== undefined && message.countOnly !== false) { writer.uint32(72); writer.bool(message.countOnly); }
    if (message.minModRevision !== undefined && message.minModRevision !== 0) { writer.uint32(80); writer.number64(message.minModRevision); }
    if (message.maxModRevision !== undefined && message.maxModRevision !== 0) { writer.uint32(88); writer.number64(message.maxModRevision); }
    if (message.minCreateRevision !== undefined && message.minCreateRevision !== 0) { writer.uint32(96); writer.number64(message.minCreateRevision); }
    if (message.maxCreateRevision !== undefined && message.maxCreateRevision !== 0) { writer.uint32(104); writer.number64(message.maxCreateRevision); }
  },
  read(reader, begun) {
    const message: RangeRequest = begun ?? {
      key: EMPTY,
      rangeEnd: EMPTY,
      limit: 0,
      revision: 0,
      sortOrder: 0,
      sortTarget: 0,
      serializable: false,
      keysOnly: false,
      countOnly: false,
      minModRevision: 0,
      maxModRevision: 0,
      minCreateRevision: 0,
      maxCreateRevision: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.key = reader.bytes(); break;
        case 18: message.rangeEnd = reader.bytes(); break;
        case 24: message.limit = reader.int64Number(); break;
        case 32: message.revision = reader.int64Number(); break;
        case 40: message.sortOrder = reader.int32(); break;
        case 48: message.sortTarget = reader.int32(); break;
        case 56: message.serializable = reader.bool(); break;
        case 64: message.keysOnly = reader.bool(); break;
        case 72: message.countOnly = reader.bool(); break;
        case 80: message.minModRevision = reader.int64Number(); break;
        case 88: message.maxModRevision = reader.int64Number(); break;
        case 96: message.minCreateRevision = reader.int64Number(); break;
        case 104: message.maxCreateRevision = reader.int64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type RangeRequest_SortOrder = number;
export const RangeRequest_SortOrder = {
  NONE: 0,
  ASCEND: 1,
  DESCEND: 2,
} as const;

/** An open enum: numbers outside the list can arrive. */
export type RangeRequest_SortTarget = number;
export const RangeRequest_SortTarget = {
  KEY: 0,
  VERSION: 1,
  CREATE: 2,
  MOD: 3,
  VALUE: 4,
} as const;

export interface RangeResponse {
  header: ResponseHeader | undefined;
  kvs: mvccpb.KeyValue[];
  more: boolean;
  count: number;
}

export const RangeResponse: MessageCodec<RangeResponse> = {
  typeName: "etcdserverpb.RangeResponse",
  create(init) {
    const message: RangeResponse = {
      header: undefined,
      kvs: [],
      more: false,
      count: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); RangeResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return RangeResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.kvs !== undefined) for (const item of message.kvs) {
    writer.uint32(18);
    { const start = writer.open();
    mvccpb.KeyValue.write(item, writer);
    writer.close(start); }
    }
    if (message.more !== undefined && message.more !== false) { writer.uint32(24); writer.bool(message.more); }
    if (message.count !== undefined && message.count !== 0) { writer.uint32(32); writer.number64(message.count); }
  },
  read(reader, begun) {
    const message: RangeResponse = begun ?? {
      header: undefined,
      kvs: [],
      more: false,
      count: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.kvs.push(mvccpb.KeyValue.read(reader.nested())); break;
        case 24: message.more = reader.bool(); break;
        case 32: message.count = reader.int64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface PutRequest {
  key: Uint8Array;
  value: Uint8Array;
  lease: bigint;
  prevKv: boolean;
  ignoreValue: boolean;
  ignoreLease: boolean;
}

export const PutRequest: MessageCodec<PutRequest> = {
  typeName: "etcdserverpb.PutRequest",
  create(init) {
    const message: PutRequest = {
      key: EMPTY,
      value: EMPTY,
      lease: 0n,
      prevKv: false,
      ignoreValue: false,
      ignoreLease: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); PutRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return PutRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(10); writer.bytes(message.key); }
    if (message.value !== undefined && message.value.length > 0) { writer.uint32(18); writer.bytes(message.value); }
    if (message.lease !== undefined && message.lease !== 0n) { writer.uint32(24); writer.bigint64(message.lease); }
    if (message.prevKv !== undefined && message.prevKv !== false) { writer.uint32(32); writer.bool(message.prevKv); }
    if (message.ignoreValue !== undefined && message.ignoreValue !== false) { writer.uint32(40); writer.bool(message.ignoreValue); }
    if (message.ignoreLease !== undefined && message.ignoreLease !== false) { writer.uint32(48); writer.bool(message.ignoreLease); }
  },
  read(reader, begun) {
    const message: PutRequest = begun ?? {
      key: EMPTY,
      value: EMPTY,
      lease: 0n,
      prevKv: false,
      ignoreValue: false,
      ignoreLease: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.key = reader.bytes(); break;
        case 18: message.value = reader.bytes(); break;
        case 24: message.lease = reader.int64(); break;
        case 32: message.prevKv = reader.bool(); break;
        case 40: message.ignoreValue = reader.bool(); break;
        case 48: message.ignoreLease = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface PutResponse {
  header: ResponseHeader | undefined;
  prevKv: mvccpb.KeyValue | undefined;
}

export const PutResponse: MessageCodec<PutResponse> = {
  typeName: "etcdserverpb.PutResponse",
  create(init) {
    const message: PutResponse = {
      header: undefined,
      prevKv: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); PutResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return PutResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.prevKv !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    mvccpb.KeyValue.write(message.prevKv, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: PutResponse = begun ?? {
      header: undefined,
      prevKv: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.prevKv = mvccpb.KeyValue.read(reader.nested(), message.prevKv); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface DeleteRangeRequest {
  key: Uint8Array;
  rangeEnd: Uint8Array;
  prevKv: boolean;
}

export const DeleteRangeRequest: MessageCodec<DeleteRangeRequest> = {
  typeName: "etcdserverpb.DeleteRangeRequest",
  create(init) {
    const message: DeleteRangeRequest = {
      key: EMPTY,
      rangeEnd: EMPTY,
      prevKv: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DeleteRangeRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return DeleteRangeRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(10); writer.bytes(message.key); }
    if (message.rangeEnd !== undefined && message.rangeEnd.length > 0) { writer.uint32(18); writer.bytes(message.rangeEnd); }
    if (message.prevKv !== undefined && message.prevKv !== false) { writer.uint32(24); writer.bool(message.prevKv); }
  },
  read(reader, begun) {
    const message: DeleteRangeRequest = begun ?? {
      key: EMPTY,
      rangeEnd: EMPTY,
      prevKv: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.key = reader.bytes(); break;
        case 18: message.rangeEnd = reader.bytes(); break;
        case 24: message.prevKv = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface DeleteRangeResponse {
  header: ResponseHeader | undefined;
  deleted: number;
  prevKvs: mvccpb.KeyValue[];
}

export const DeleteRangeResponse: MessageCodec<DeleteRangeResponse> = {
  typeName: "etcdserverpb.DeleteRangeResponse",
  create(init) {
    const message: DeleteRangeResponse = {
      header: undefined,
      deleted: 0,
      prevKvs: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DeleteRangeResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return DeleteRangeResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.deleted !== undefined && message.deleted !== 0) { writer.uint32(16); writer.number64(message.deleted); }
    if (message.prevKvs !== undefined) for (const item of message.prevKvs) {
    writer.uint32(26);
    { const start = writer.open();
    mvccpb.KeyValue.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: DeleteRangeResponse = begun ?? {
      header: undefined,
      deleted: 0,
      prevKvs: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.deleted = reader.int64Number(); break;
        case 26: message.prevKvs.push(mvccpb.KeyValue.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface RequestOp {
  requestRange: RangeRequest | undefined;
  requestPut: PutRequest | undefined;
  requestDeleteRange: DeleteRangeRequest | undefined;
  requestTxn: TxnRequest | undefined;
}

export const RequestOp: MessageCodec<RequestOp> = {
  typeName: "etcdserverpb.RequestOp",
  create(init) {
    const message: RequestOp = {
      requestRange: undefined,
      requestPut: undefined,
      requestDeleteRange: undefined,
      requestTxn: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); RequestOp.write(message, writer); return writer.copy(); },
  decode(bytes) { return RequestOp.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.requestRange !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    RangeRequest.write(message.requestRange, writer);
    writer.close(start); }
    }
    if (message.requestPut !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    PutRequest.write(message.requestPut, writer);
    writer.close(start); }
    }
    if (message.requestDeleteRange !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    DeleteRangeRequest.write(message.requestDeleteRange, writer);
    writer.close(start); }
    }
    if (message.requestTxn !== undefined) {
    writer.uint32(34);
    { const start = writer.open();
    TxnRequest.write(message.requestTxn, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: RequestOp = begun ?? {
      requestRange: undefined,
      requestPut: undefined,
      requestDeleteRange: undefined,
      requestTxn: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.requestPut = message.requestDeleteRange = message.requestTxn = undefined; message.requestRange = RangeRequest.read(reader.nested(), message.requestRange); break;
        case 18: message.requestRange = message.requestDeleteRange = message.requestTxn = undefined; message.requestPut = PutRequest.read(reader.nested(), message.requestPut); break;
        case 26: message.requestRange = message.requestPut = message.requestTxn = undefined; message.requestDeleteRange = DeleteRangeRequest.read(reader.nested(), message.requestDeleteRange); break;
        case 34: message.requestRange = message.requestPut = message.requestDeleteRange = undefined; message.requestTxn = TxnRequest.read(reader.nested(), message.requestTxn); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface ResponseOp {
  responseRange: RangeResponse | undefined;
  responsePut: PutResponse | undefined;
  responseDeleteRange: DeleteRangeResponse | undefined;
  responseTxn: TxnResponse | undefined;
}

export const ResponseOp: MessageCodec<ResponseOp> = {
  typeName: "etcdserverpb.ResponseOp",
  create(init) {
    const message: ResponseOp = {
      responseRange: undefined,
      responsePut: undefined,
      responseDeleteRange: undefined,
      responseTxn: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); ResponseOp.write(message, writer); return writer.copy(); },
  decode(bytes) { return ResponseOp.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.responseRange !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    RangeResponse.write(message.responseRange, writer);
    writer.close(start); }
    }
    if (message.responsePut !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    PutResponse.write(message.responsePut, writer);
    writer.close(start); }
    }
    if (message.responseDeleteRange !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    DeleteRangeResponse.write(message.responseDeleteRange, writer);
    writer.close(start); }
    }
    if (message.responseTxn !== undefined) {
    writer.uint32(34);
    { const start = writer.open();
    TxnResponse.write(message.responseTxn, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: ResponseOp = begun ?? {
      responseRange: undefined,
      responsePut: undefined,
      responseDeleteRange: undefined,
      responseTxn: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.responsePut = message.responseDeleteRange = message.responseTxn = undefined; message.responseRange = RangeResponse.read(reader.nested(), message.responseRange); break;
        case 18: message.responseRange = message.responseDeleteRange = message.responseTxn = undefined; message.responsePut = PutResponse.read(reader.nested(), message.responsePut); break;
        case 26: message.responseRange = message.responsePut = message.responseTxn = undefined; message.responseDeleteRange = DeleteRangeResponse.read(reader.nested(), message.responseDeleteRange); break;
        case 34: message.responseRange = message.responsePut = message.responseDeleteRange = undefined; message.responseTxn = TxnResponse.read(reader.nested(), message.responseTxn); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Compare {
  result: Compare_CompareResult;
  target: Compare_CompareTarget;
  key: Uint8Array;
  version: number | undefined;
  createRevision: number | undefined;
  modRevision: number | undefined;
  value: Uint8Array | undefined;
  lease: bigint | undefined;
  rangeEnd: Uint8Array;
}

export const Compare: MessageCodec<Compare> = {
  typeName: "etcdserverpb.Compare",
  create(init) {
    const message: Compare = {
      result: 0,
      target: 0,
      key: EMPTY,
      version: undefined,
      createRevision: undefined,
      modRevision: undefined,
      value: undefined,
      lease: undefined,
      rangeEnd: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Compare.write(message, writer); return writer.copy(); },
  decode(bytes) { return Compare.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.result !== undefined && message.result !== 0) { writer.uint32(8); writer.int32(message.result); }
    if (message.target !== undefined && message.target !== 0) { writer.uint32(16); writer.int32(message.target); }
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(26); writer.bytes(message.key); }
    if (message.version !== undefined) { writer.uint32(32); writer.number64(message.version); }
    if (message.createRevision !== undefined) { writer.uint32(40); writer.number64(message.createRevision); }
    if (message.modRevision !== undefined) { writer.uint32(48); writer.number64(message.modRevision); }
    if (message.value !== undefined) { writer.uint32(58); writer.bytes(message.value); }
    if (message.lease !== undefined) { writer.uint32(64); writer.bigint64(message.lease); }
    if (message.rangeEnd !== undefined && message.rangeEnd.length > 0) { writer.uint32(514); writer.bytes(message.rangeEnd); }
  },
  read(reader, begun) {
    const message: Compare = begun ?? {
      result: 0,
      target: 0,
      key: EMPTY,
      version: undefined,
      createRevision: undefined,
      modRevision: undefined,
      value: undefined,
      lease: undefined,
      rangeEnd: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.result = reader.int32(); break;
        case 16: message.target = reader.int32(); break;
        case 26: message.key = reader.bytes(); break;
        case 32: message.createRevision = message.modRevision = message.value = message.lease = undefined; message.version = reader.int64Number(); break;
        case 40: message.version = message.modRevision = message.value = message.lease = undefined; message.createRevision = reader.int64Number(); break;
        case 48: message.version = message.createRevision = message.value = message.lease = undefined; message.modRevision = reader.int64Number(); break;
        case 58: message.version = message.createRevision = message.modRevision = message.lease = undefined; message.value = reader.bytes(); break;
        case 64: message.version = message.createRevision = message.modRevision = message.value = undefined; message.lease = reader.int64(); break;
        case 514: message.rangeEnd = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type Compare_CompareResult = number;
export const Compare_CompareResult = {
  EQUAL: 0,
  GREATER: 1,
  LESS: 2,
  NOT_EQUAL: 3,
} as const;

/** An open enum: numbers outside the list can arrive. */
export type Compare_CompareTarget = number;
export const Compare_CompareTarget = {
  VERSION: 0,
  CREATE: 1,
  MOD: 2,
  VALUE: 3,
  LEASE: 4,
} as const;

export interface TxnRequest {
  compare: Compare[];
  success: RequestOp[];
  failure: RequestOp[];
}

export const TxnRequest: MessageCodec<TxnRequest> = {
  typeName: "etcdserverpb.TxnRequest",
  create(init) {
    const message: TxnRequest = {
      compare: [],
      success: [],
      failure: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); TxnRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return TxnRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.compare !== undefined) for (const item of message.compare) {
    writer.uint32(10);
    { const start = writer.open();
    Compare.write(item, writer);
    writer.close(start); }
    }
    if (message.success !== undefined) for (const item of message.success) {
    writer.uint32(18);
    { const start = writer.open();
    RequestOp.write(item, writer);
    writer.close(start); }
    }
    if (message.failure !== undefined) for (const item of message.failure) {
    writer.uint32(26);
    { const start = writer.open();
    RequestOp.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: TxnRequest = begun ?? {
      compare: [],
      success: [],
      failure: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.compare.push(Compare.read(reader.nested())); break;
        case 18: message.success.push(RequestOp.read(reader.nested())); break;
        case 26: message.failure.push(RequestOp.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface TxnResponse {
  header: ResponseHeader | undefined;
  succeeded: boolean;
  responses: ResponseOp[];
}

export const TxnResponse: MessageCodec<TxnResponse> = {
  typeName: "etcdserverpb.TxnResponse",
  create(init) {
    const message: TxnResponse = {
      header: undefined,
      succeeded: false,
      responses: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); TxnResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return TxnResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.succeeded !== undefined && message.succeeded !== false) { writer.uint32(16); writer.bool(message.succeeded); }
    if (message.responses !== undefined) for (const item of message.responses) {
    writer.uint32(26);
    { const start = writer.open();
    ResponseOp.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: TxnResponse = begun ?? {
      header: undefined,
      succeeded: false,
      responses: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.succeeded = reader.bool(); break;
        case 26: message.responses.push(ResponseOp.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface CompactionRequest {
  revision: number;
  physical: boolean;
}

export const CompactionRequest: MessageCodec<CompactionRequest> = {
  typeName: "etcdserverpb.CompactionRequest",
  create(init) {
    const message: CompactionRequest = {
      revision: 0,
      physical: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); CompactionRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return CompactionRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.revision !== undefined && message.revision !== 0) { writer.uint32(8); writer.number64(message.revision); }
    if (message.physical !== undefined && message.physical !== false) { writer.uint32(16); writer.bool(message.physical); }
  },
  read(reader, begun) {
    const message: CompactionRequest = begun ?? {
      revision: 0,
      physical: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.revision = reader.int64Number(); break;
        case 16: message.physical = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface CompactionResponse {
  header: ResponseHeader | undefined;
}

export const CompactionResponse: MessageCodec<CompactionResponse> = {
  typeName: "etcdserverpb.CompactionResponse",
  create(init) {
    const message: CompactionResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); CompactionResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return CompactionResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: CompactionResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface HashRequest {
}

export const HashRequest: MessageCodec<HashRequest> = {
  typeName: "etcdserverpb.HashRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); HashRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return HashRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: HashRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface HashKVRequest {
  revision: number;
}

export const HashKVRequest: MessageCodec<HashKVRequest> = {
  typeName: "etcdserverpb.HashKVRequest",
  create(init) {
    const message: HashKVRequest = {
      revision: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); HashKVRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return HashKVRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.revision !== undefined && message.revision !== 0) { writer.uint32(8); writer.number64(message.revision); }
  },
  read(reader, begun) {
    const message: HashKVRequest = begun ?? {
      revision: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.revision = reader.int64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface HashKVResponse {
  header: ResponseHeader | undefined;
  hash: number;
  compactRevision: number;
  hashRevision: number;
}

export const HashKVResponse: MessageCodec<HashKVResponse> = {
  typeName: "etcdserverpb.HashKVResponse",
  create(init) {
    const message: HashKVResponse = {
      header: undefined,
      hash: 0,
      compactRevision: 0,
      hashRevision: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); HashKVResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return HashKVResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.hash !== undefined && message.hash !== 0) { writer.uint32(16); writer.uint32(message.hash); }
    if (message.compactRevision !== undefined && message.compactRevision !== 0) { writer.uint32(24); writer.number64(message.compactRevision); }
    if (message.hashRevision !== undefined && message.hashRevision !== 0) { writer.uint32(32); writer.number64(message.hashRevision); }
  },
  read(reader, begun) {
    const message: HashKVResponse = begun ?? {
      header: undefined,
      hash: 0,
      compactRevision: 0,
      hashRevision: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.hash = reader.uint32(); break;
        case 24: message.compactRevision = reader.int64Number(); break;
        case 32: message.hashRevision = reader.int64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface HashResponse {
  header: ResponseHeader | undefined;
  hash: number;
}

export const HashResponse: MessageCodec<HashResponse> = {
  typeName: "etcdserverpb.HashResponse",
  create(init) {
    const message: HashResponse = {
      header: undefined,
      hash: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); HashResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return HashResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.hash !== undefined && message.hash !== 0) { writer.uint32(16); writer.uint32(message.hash); }
  },
  read(reader, begun) {
    const message: HashResponse = begun ?? {
      header: undefined,
      hash: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.hash = reader.uint32(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface SnapshotRequest {
}

export const SnapshotRequest: MessageCodec<SnapshotRequest> = {
  typeName: "etcdserverpb.SnapshotRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); SnapshotRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return SnapshotRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: SnapshotRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface SnapshotResponse {
  header: ResponseHeader | undefined;
  remainingBytes: number;
  blob: Uint8Array;
  version: string;
}

export const SnapshotResponse: MessageCodec<SnapshotResponse> = {
  typeName: "etcdserverpb.SnapshotResponse",
  create(init) {
    const message: SnapshotResponse = {
      header: undefined,
      remainingBytes: 0,
      blob: EMPTY,
      version: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); SnapshotResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return SnapshotResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.remainingBytes !== undefined && message.remainingBytes !== 0) { writer.uint32(16); writer.number64(message.remainingBytes); }
    if (message.blob !== undefined && message.blob.length > 0) { writer.uint32(26); writer.bytes(message.blob); }
    if (message.version !== undefined && message.version.length > 0) { writer.uint32(34); writer.string(message.version); }
  },
  read(reader, begun) {
    const message: SnapshotResponse = begun ?? {
      header: undefined,
      remainingBytes: 0,
      blob: EMPTY,
      version: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.remainingBytes = reader.uint64Number(); break;
        case 26: message.blob = reader.bytes(); break;
        case 34: message.version = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface WatchRequest {
  createRequest: WatchCreateRequest | undefined;
  cancelRequest: WatchCancelRequest | undefined;
  progressRequest: WatchProgressRequest | undefined;
}

export const WatchRequest: MessageCodec<WatchRequest> = {
  typeName: "etcdserverpb.WatchRequest",
  create(init) {
    const message: WatchRequest = {
      createRequest: undefined,
      cancelRequest: undefined,
      progressRequest: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); WatchRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return WatchRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.createRequest !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    WatchCreateRequest.write(message.createRequest, writer);
    writer.close(start); }
    }
    if (message.cancelRequest !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    WatchCancelRequest.write(message.cancelRequest, writer);
    writer.close(start); }
    }
    if (message.progressRequest !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    WatchProgressRequest.write(message.progressRequest, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: WatchRequest = begun ?? {
      createRequest: undefined,
      cancelRequest: undefined,
      progressRequest: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.cancelRequest = message.progressRequest = undefined; message.createRequest = WatchCreateRequest.read(reader.nested(), message.createRequest); break;
        case 18: message.createRequest = message.progressRequest = undefined; message.cancelRequest = WatchCancelRequest.read(reader.nested(), message.cancelRequest); break;
        case 26: message.createRequest = message.cancelRequest = undefined; message.progressRequest = WatchProgressRequest.read(reader.nested(), message.progressRequest); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface WatchCreateRequest {
  key: Uint8Array;
  rangeEnd: Uint8Array;
  startRevision: number;
  progressNotify: boolean;
  filters: WatchCreateRequest_FilterType[];
  prevKv: boolean;
  watchId: bigint;
  fragment: boolean;
}

export const WatchCreateRequest: MessageCodec<WatchCreateRequest> = {
  typeName: "etcdserverpb.WatchCreateRequest",
  create(init) {
    const message: WatchCreateRequest = {
      key: EMPTY,
      rangeEnd: EMPTY,
      startRevision: 0,
      progressNotify: false,
      filters: [],
      prevKv: false,
      watchId: 0n,
      fragment: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); WatchCreateRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return WatchCreateRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(10); writer.bytes(message.key); }
    if (message.rangeEnd !== undefined && message.rangeEnd.length > 0) { writer.uint32(18); writer.bytes(message.rangeEnd); }
    if (message.startRevision !== undefined && message.startRevision !== 0) { writer.uint32(24); writer.number64(message.startRevision); }
    if (message.progressNotify !== undefined && message.progressNotify !== false) { writer.uint32(32); writer.bool(message.progressNotify); }
    if (message.filters !== undefined && message.filters.length > 0) {
    writer.uint32(42);
    const start = writer.open();
    for (const item of message.filters) writer.int32(item);
    writer.close(start); }
    if (message.prevKv !== undefined && message.prevKv !== false) { writer.uint32(48); writer.bool(message.prevKv); }
    if (message.watchId !== undefined && message.watchId !== 0n) { writer.uint32(56); writer.bigint64(message.watchId); }
    if (message.fragment !== undefined && message.fragment !== false) { writer.uint32(64); writer.bool(message.fragment); }
  },
  read(reader, begun) {
    const message: WatchCreateRequest = begun ?? {
      key: EMPTY,
      rangeEnd: EMPTY,
      startRevision: 0,
      progressNotify: false,
      filters: [],
      prevKv: false,
      watchId: 0n,
      fragment: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.key = reader.bytes(); break;
        case 18: message.rangeEnd = reader.bytes(); break;
        case 24: message.startRevision = reader.int64Number(); break;
        case 32: message.progressNotify = reader.bool(); break;
        case 40: message.filters.push(reader.int32()); break;
        case 42: { const packed = reader.nested(); while (packed.position < packed.end) message.filters.push(packed.int32()); } break;
        case 48: message.prevKv = reader.bool(); break;
        case 56: message.watchId = reader.int64(); break;
        case 64: message.fragment = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type WatchCreateRequest_FilterType = number;
export const WatchCreateRequest_FilterType = {
  NOPUT: 0,
  NODELETE: 1,
} as const;

export interface WatchCancelRequest {
  watchId: bigint;
}

export const WatchCancelRequest: MessageCodec<WatchCancelRequest> = {
  typeName: "etcdserverpb.WatchCancelRequest",
  create(init) {
    const message: WatchCancelRequest = {
      watchId: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); WatchCancelRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return WatchCancelRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.watchId !== undefined && message.watchId !== 0n) { writer.uint32(8); writer.bigint64(message.watchId); }
  },
  read(reader, begun) {
    const message: WatchCancelRequest = begun ?? {
      watchId: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.watchId = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface WatchProgressRequest {
}

export const WatchProgressRequest: MessageCodec<WatchProgressRequest> = {
  typeName: "etcdserverpb.WatchProgressRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); WatchProgressRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return WatchProgressRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: WatchProgressRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface WatchResponse {
  header: ResponseHeader | undefined;
  watchId: bigint;
  created: boolean;
  canceled: boolean;
  compactRevision: number;
  cancelReason: string;
  fragment: boolean;
  events: mvccpb.Event[];
}

export const WatchResponse: MessageCodec<WatchResponse> = {
  typeName: "etcdserverpb.WatchResponse",
  create(init) {
    const message: WatchResponse = {
      header: undefined,
      watchId: 0n,
      created: false,
      canceled: false,
      compactRevision: 0,
      cancelReason: "",
      fragment: false,
      events: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); WatchResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return WatchResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.watchId !== undefined && message.watchId !== 0n) { writer.uint32(16); writer.bigint64(message.watchId); }
    if (message.created !== undefined && message.created !== false) { writer.uint32(24); writer.bool(message.created); }
    if (message.canceled !== undefined && message.canceled !== false) { writer.uint32(32); writer.bool(message.canceled); }
    if (message.compactRevision !== undefined && message.compactRevision !== 0) { writer.uint32(40); writer.number64(message.compactRevision); }
    if (message.cancelReason !== undefined && message.cancelReason.length > 0) { writer.uint32(50); writer.string(message.cancelReason); }
    if (message.fragment !== undefined && message.fragment !== false) { writer.uint32(56); writer.bool(message.fragment); }
    if (message.events !== undefined) for (const item of message.events) {
    writer.uint32(90);
    { const start = writer.open();
    mvccpb.Event.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: WatchResponse = begun ?? {
      header: undefined,
      watchId: 0n,
      created: false,
      canceled: false,
      compactRevision: 0,
      cancelReason: "",
      fragment: false,
      events: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.watchId = reader.int64(); break;
        case 24: message.created = reader.bool(); break;
        case 32: message.canceled = reader.bool(); break;
        case 40: message.compactRevision = reader.int64Number(); break;
        case 50: message.cancelReason = reader.string(); break;
        case 56: message.fragment = reader.bool(); break;
        case 90: message.events.push(mvccpb.Event.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseGrantRequest {
  TTL: number;
  ID: bigint;
}

export const LeaseGrantRequest: MessageCodec<LeaseGrantRequest> = {
  typeName: "etcdserverpb.LeaseGrantRequest",
  create(init) {
    const message: LeaseGrantRequest = {
      TTL: 0,
      ID: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseGrantRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseGrantRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.TTL !== undefined && message.TTL !== 0) { writer.uint32(8); writer.number64(message.TTL); }
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(16); writer.bigint64(message.ID); }
  },
  read(reader, begun) {
    const message: LeaseGrantRequest = begun ?? {
      TTL: 0,
      ID: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.TTL = reader.int64Number(); break;
        case 16: message.ID = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseGrantResponse {
  header: ResponseHeader | undefined;
  ID: bigint;
  TTL: number;
  error: string;
}

export const LeaseGrantResponse: MessageCodec<LeaseGrantResponse> = {
  typeName: "etcdserverpb.LeaseGrantResponse",
  create(init) {
    const message: LeaseGrantResponse = {
      header: undefined,
      ID: 0n,
      TTL: 0,
      error: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseGrantResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseGrantResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(16); writer.bigint64(message.ID); }
    if (message.TTL !== undefined && message.TTL !== 0) { writer.uint32(24); writer.number64(message.TTL); }
    if (message.error !== undefined && message.error.length > 0) { writer.uint32(34); writer.string(message.error); }
  },
  read(reader, begun) {
    const message: LeaseGrantResponse = begun ?? {
      header: undefined,
      ID: 0n,
      TTL: 0,
      error: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.ID = reader.int64(); break;
        case 24: message.TTL = reader.int64Number(); break;
        case 34: message.error = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseRevokeRequest {
  ID: bigint;
}

export const LeaseRevokeRequest: MessageCodec<LeaseRevokeRequest> = {
  typeName: "etcdserverpb.LeaseRevokeRequest",
  create(init) {
    const message: LeaseRevokeRequest = {
      ID: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseRevokeRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseRevokeRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
  },
  read(reader, begun) {
    const message: LeaseRevokeRequest = begun ?? {
      ID: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseRevokeResponse {
  header: ResponseHeader | undefined;
}

export const LeaseRevokeResponse: MessageCodec<LeaseRevokeResponse> = {
  typeName: "etcdserverpb.LeaseRevokeResponse",
  create(init) {
    const message: LeaseRevokeResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseRevokeResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseRevokeResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: LeaseRevokeResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseCheckpoint {
  ID: bigint;
  remainingTTL: number;
}

export const LeaseCheckpoint: MessageCodec<LeaseCheckpoint> = {
  typeName: "etcdserverpb.LeaseCheckpoint",
  create(init) {
    const message: LeaseCheckpoint = {
      ID: 0n,
      remainingTTL: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseCheckpoint.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseCheckpoint.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.remainingTTL !== undefined && message.remainingTTL !== 0) { writer.uint32(16); writer.number64(message.remainingTTL); }
  },
  read(reader, begun) {
    const message: LeaseCheckpoint = begun ?? {
      ID: 0n,
      remainingTTL: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.int64(); break;
        case 16: message.remainingTTL = reader.int64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseCheckpointRequest {
  checkpoints: LeaseCheckpoint[];
}

export const LeaseCheckpointRequest: MessageCodec<LeaseCheckpointRequest> = {
  typeName: "etcdserverpb.LeaseCheckpointRequest",
  create(init) {
    const message: LeaseCheckpointRequest = {
      checkpoints: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseCheckpointRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseCheckpointRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.checkpoints !== undefined) for (const item of message.checkpoints) {
    writer.uint32(10);
    { const start = writer.open();
    LeaseCheckpoint.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: LeaseCheckpointRequest = begun ?? {
      checkpoints: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.checkpoints.push(LeaseCheckpoint.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseCheckpointResponse {
  header: ResponseHeader | undefined;
}

export const LeaseCheckpointResponse: MessageCodec<LeaseCheckpointResponse> = {
  typeName: "etcdserverpb.LeaseCheckpointResponse",
  create(init) {
    const message: LeaseCheckpointResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseCheckpointResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseCheckpointResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: LeaseCheckpointResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseKeepAliveRequest {
  ID: bigint;
}

export const LeaseKeepAliveRequest: MessageCodec<LeaseKeepAliveRequest> = {
  typeName: "etcdserverpb.LeaseKeepAliveRequest",
  create(init) {
    const message: LeaseKeepAliveRequest = {
      ID: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseKeepAliveRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseKeepAliveRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
  },
  read(reader, begun) {
    const message: LeaseKeepAliveRequest = begun ?? {
      ID: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseKeepAliveResponse {
  header: ResponseHeader | undefined;
  ID: bigint;
  TTL: number;
}

export const LeaseKeepAliveResponse: MessageCodec<LeaseKeepAliveResponse> = {
  typeName: "etcdserverpb.LeaseKeepAliveResponse",
  create(init) {
    const message: LeaseKeepAliveResponse = {
      header: undefined,
      ID: 0n,
      TTL: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseKeepAliveResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseKeepAliveResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(16); writer.bigint64(message.ID); }
    if (message.TTL !== undefined && message.TTL !== 0) { writer.uint32(24); writer.number64(message.TTL); }
  },
  read(reader, begun) {
    const message: LeaseKeepAliveResponse = begun ?? {
      header: undefined,
      ID: 0n,
      TTL: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.ID = reader.int64(); break;
        case 24: message.TTL = reader.int64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseTimeToLiveRequest {
  ID: bigint;
  keys: boolean;
}

export const LeaseTimeToLiveRequest: MessageCodec<LeaseTimeToLiveRequest> = {
  typeName: "etcdserverpb.LeaseTimeToLiveRequest",
  create(init) {
    const message: LeaseTimeToLiveRequest = {
      ID: 0n,
      keys: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseTimeToLiveRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseTimeToLiveRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.keys !== undefined && message.keys !== false) { writer.uint32(16); writer.bool(message.keys); }
  },
  read(reader, begun) {
    const message: LeaseTimeToLiveRequest = begun ?? {
      ID: 0n,
      keys: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.int64(); break;
        case 16: message.keys = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseTimeToLiveResponse {
  header: ResponseHeader | undefined;
  ID: bigint;
  TTL: number;
  grantedTTL: number;
  keys: Uint8Array[];
}

export const LeaseTimeToLiveResponse: MessageCodec<LeaseTimeToLiveResponse> = {
  typeName: "etcdserverpb.LeaseTimeToLiveResponse",
  create(init) {
    const message: LeaseTimeToLiveResponse = {
      header: undefined,
      ID: 0n,
      TTL: 0,
      grantedTTL: 0,
      keys: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseTimeToLiveResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseTimeToLiveResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(16); writer.bigint64(message.ID); }
    if (message.TTL !== undefined && message.TTL !== 0) { writer.uint32(24); writer.number64(message.TTL); }
    if (message.grantedTTL !== undefined && message.grantedTTL !== 0) { writer.uint32(32); writer.number64(message.grantedTTL); }
    if (message.keys !== undefined) for (const item of message.keys) {
    writer.uint32(42);
    writer.bytes(item); }
  },
  read(reader, begun) {
    const message: LeaseTimeToLiveResponse = begun ?? {
      header: undefined,
      ID: 0n,
      TTL: 0,
      grantedTTL: 0,
      keys: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.ID = reader.int64(); break;
        case 24: message.TTL = reader.int64Number(); break;
        case 32: message.grantedTTL = reader.int64Number(); break;
        case 42: message.keys.push(reader.bytes()); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseLeasesRequest {
}

export const LeaseLeasesRequest: MessageCodec<LeaseLeasesRequest> = {
  typeName: "etcdserverpb.LeaseLeasesRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); LeaseLeasesRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseLeasesRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: LeaseLeasesRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface LeaseStatus {
  ID: bigint;
}

export const LeaseStatus: MessageCodec<LeaseStatus> = {
  typeName: "etcdserverpb.LeaseStatus",
  create(init) {
    const message: LeaseStatus = {
      ID: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseStatus.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseStatus.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
  },
  read(reader, begun) {
    const message: LeaseStatus = begun ?? {
      ID: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.int64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface LeaseLeasesResponse {
  header: ResponseHeader | undefined;
  leases: LeaseStatus[];
}

export const LeaseLeasesResponse: MessageCodec<LeaseLeasesResponse> = {
  typeName: "etcdserverpb.LeaseLeasesResponse",
  create(init) {
    const message: LeaseLeasesResponse = {
      header: undefined,
      leases: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); LeaseLeasesResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return LeaseLeasesResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.leases !== undefined) for (const item of message.leases) {
    writer.uint32(18);
    { const start = writer.open();
    LeaseStatus.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: LeaseLeasesResponse = begun ?? {
      header: undefined,
      leases: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.leases.push(LeaseStatus.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Member {
  ID: bigint;
  name: string;
  peerURLs: string[];
  clientURLs: string[];
  isLearner: boolean;
}

export const Member: MessageCodec<Member> = {
  typeName: "etcdserverpb.Member",
  create(init) {
    const message: Member = {
      ID: 0n,
      name: "",
      peerURLs: [],
      clientURLs: [],
      isLearner: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Member.write(message, writer); return writer.copy(); },
  decode(bytes) { return Member.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(18); writer.string(message.name); }
    if (message.peerURLs !== undefined) for (const item of message.peerURLs) {
    writer.uint32(26);
    writer.string(item); }
    if (message.clientURLs !== undefined) for (const item of message.clientURLs) {
    writer.uint32(34);
    writer.string(item); }
    if (message.isLearner !== undefined && message.isLearner !== false) { writer.uint32(40); writer.bool(message.isLearner); }
  },
  read(reader, begun) {
    const message: Member = begun ?? {
      ID: 0n,
      name: "",
      peerURLs: [],
      clientURLs: [],
      isLearner: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.uint64(); break;
        case 18: message.name = reader.string(); break;
        case 26: message.peerURLs.push(reader.string()); break;
        case 34: message.clientURLs.push(reader.string()); break;
        case 40: message.isLearner = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberAddRequest {
  peerURLs: string[];
  isLearner: boolean;
}

export const MemberAddRequest: MessageCodec<MemberAddRequest> = {
  typeName: "etcdserverpb.MemberAddRequest",
  create(init) {
    const message: MemberAddRequest = {
      peerURLs: [],
      isLearner: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberAddRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberAddRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.peerURLs !== undefined) for (const item of message.peerURLs) {
    writer.uint32(10);
    writer.string(item); }
    if (message.isLearner !== undefined && message.isLearner !== false) { writer.uint32(16); writer.bool(message.isLearner); }
  },
  read(reader, begun) {
    const message: MemberAddRequest = begun ?? {
      peerURLs: [],
      isLearner: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.peerURLs.push(reader.string()); break;
        case 16: message.isLearner = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberAddResponse {
  header: ResponseHeader | undefined;
  member: Member | undefined;
  members: Member[];
}

export const MemberAddResponse: MessageCodec<MemberAddResponse> = {
  typeName: "etcdserverpb.MemberAddResponse",
  create(init) {
    const message: MemberAddResponse = {
      header: undefined,
      member: undefined,
      members: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberAddResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberAddResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.member !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    Member.write(message.member, writer);
    writer.close(start); }
    }
    if (message.members !== undefined) for (const item of message.members) {
    writer.uint32(26);
    { const start = writer.open();
    Member.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: MemberAddResponse = begun ?? {
      header: undefined,
      member: undefined,
      members: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.member = Member.read(reader.nested(), message.member); break;
        case 26: message.members.push(Member.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberRemoveRequest {
  ID: bigint;
}

export const MemberRemoveRequest: MessageCodec<MemberRemoveRequest> = {
  typeName: "etcdserverpb.MemberRemoveRequest",
  create(init) {
    const message: MemberRemoveRequest = {
      ID: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberRemoveRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberRemoveRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
  },
  read(reader, begun) {
    const message: MemberRemoveRequest = begun ?? {
      ID: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.uint64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberRemoveResponse {
  header: ResponseHeader | undefined;
  members: Member[];
}

export const MemberRemoveResponse: MessageCodec<MemberRemoveResponse> = {
  typeName: "etcdserverpb.MemberRemoveResponse",
  create(init) {
    const message: MemberRemoveResponse = {
      header: undefined,
      members: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberRemoveResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberRemoveResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.members !== undefined) for (const item of message.members) {
    writer.uint32(18);
    { const start = writer.open();
    Member.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: MemberRemoveResponse = begun ?? {
      header: undefined,
      members: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.members.push(Member.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberUpdateRequest {
  ID: bigint;
  peerURLs: string[];
}

export const MemberUpdateRequest: MessageCodec<MemberUpdateRequest> = {
  typeName: "etcdserverpb.MemberUpdateRequest",
  create(init) {
    const message: MemberUpdateRequest = {
      ID: 0n,
      peerURLs: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberUpdateRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberUpdateRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
    if (message.peerURLs !== undefined) for (const item of message.peerURLs) {
    writer.uint32(18);
    writer.string(item); }
  },
  read(reader, begun) {
    const message: MemberUpdateRequest = begun ?? {
      ID: 0n,
      peerURLs: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.uint64(); break;
        case 18: message.peerURLs.push(reader.string()); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberUpdateResponse {
  header: ResponseHeader | undefined;
  members: Member[];
}

export const MemberUpdateResponse: MessageCodec<MemberUpdateResponse> = {
  typeName: "etcdserverpb.MemberUpdateResponse",
  create(init) {
    const message: MemberUpdateResponse = {
      header: undefined,
      members: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberUpdateResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberUpdateResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.members !== undefined) for (const item of message.members) {
    writer.uint32(18);
    { const start = writer.open();
    Member.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: MemberUpdateResponse = begun ?? {
      header: undefined,
      members: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.members.push(Member.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberListRequest {
  linearizable: boolean;
}

export const MemberListRequest: MessageCodec<MemberListRequest> = {
  typeName: "etcdserverpb.MemberListRequest",
  create(init) {
    const message: MemberListRequest = {
      linearizable: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberListRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberListRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.linearizable !== undefined && message.linearizable !== false) { writer.uint32(8); writer.bool(message.linearizable); }
  },
  read(reader, begun) {
    const message: MemberListRequest = begun ?? {
      linearizable: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.linearizable = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberListResponse {
  header: ResponseHeader | undefined;
  members: Member[];
}

export const MemberListResponse: MessageCodec<MemberListResponse> = {
  typeName: "etcdserverpb.MemberListResponse",
  create(init) {
    const message: MemberListResponse = {
      header: undefined,
      members: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberListResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberListResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.members !== undefined) for (const item of message.members) {
    writer.uint32(18);
    { const start = writer.open();
    Member.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: MemberListResponse = begun ?? {
      header: undefined,
      members: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.members.push(Member.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberPromoteRequest {
  ID: bigint;
}

export const MemberPromoteRequest: MessageCodec<MemberPromoteRequest> = {
  typeName: "etcdserverpb.MemberPromoteRequest",
  create(init) {
    const message: MemberPromoteRequest = {
      ID: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberPromoteRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberPromoteRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ID !== undefined && message.ID !== 0n) { writer.uint32(8); writer.bigint64(message.ID); }
  },
  read(reader, begun) {
    const message: MemberPromoteRequest = begun ?? {
      ID: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.ID = reader.uint64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MemberPromoteResponse {
  header: ResponseHeader | undefined;
  members: Member[];
}

export const MemberPromoteResponse: MessageCodec<MemberPromoteResponse> = {
  typeName: "etcdserverpb.MemberPromoteResponse",
  create(init) {
    const message: MemberPromoteResponse = {
      header: undefined,
      members: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MemberPromoteResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return MemberPromoteResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.members !== undefined) for (const item of message.members) {
    writer.uint32(18);
    { const start = writer.open();
    Member.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: MemberPromoteResponse = begun ?? {
      header: undefined,
      members: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.members.push(Member.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface DefragmentRequest {
}

export const DefragmentRequest: MessageCodec<DefragmentRequest> = {
  typeName: "etcdserverpb.DefragmentRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); DefragmentRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return DefragmentRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: DefragmentRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface DefragmentResponse {
  header: ResponseHeader | undefined;
}

export const DefragmentResponse: MessageCodec<DefragmentResponse> = {
  typeName: "etcdserverpb.DefragmentResponse",
  create(init) {
    const message: DefragmentResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DefragmentResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return DefragmentResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: DefragmentResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MoveLeaderRequest {
  targetID: bigint;
}

export const MoveLeaderRequest: MessageCodec<MoveLeaderRequest> = {
  typeName: "etcdserverpb.MoveLeaderRequest",
  create(init) {
    const message: MoveLeaderRequest = {
      targetID: 0n,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MoveLeaderRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return MoveLeaderRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.targetID !== undefined && message.targetID !== 0n) { writer.uint32(8); writer.bigint64(message.targetID); }
  },
  read(reader, begun) {
    const message: MoveLeaderRequest = begun ?? {
      targetID: 0n,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.targetID = reader.uint64(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface MoveLeaderResponse {
  header: ResponseHeader | undefined;
}

export const MoveLeaderResponse: MessageCodec<MoveLeaderResponse> = {
  typeName: "etcdserverpb.MoveLeaderResponse",
  create(init) {
    const message: MoveLeaderResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); MoveLeaderResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return MoveLeaderResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: MoveLeaderResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AlarmRequest {
  action: AlarmRequest_AlarmAction;
  memberID: bigint;
  alarm: AlarmType;
}

export const AlarmRequest: MessageCodec<AlarmRequest> = {
  typeName: "etcdserverpb.AlarmRequest",
  create(init) {
    const message: AlarmRequest = {
      action: 0,
      memberID: 0n,
      alarm: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AlarmRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AlarmRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.action !== undefined && message.action !== 0) { writer.uint32(8); writer.int32(message.action); }
    if (message.memberID !== undefined && message.memberID !== 0n) { writer.uint32(16); writer.bigint64(message.memberID); }
    if (message.alarm !== undefined && message.alarm !== 0) { writer.uint32(24); writer.int32(message.alarm); }
  },
  read(reader, begun) {
    const message: AlarmRequest = begun ?? {
      action: 0,
      memberID: 0n,
      alarm: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.action = reader.int32(); break;
        case 16: message.memberID = reader.uint64(); break;
        case 24: message.alarm = reader.int32(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type AlarmRequest_AlarmAction = number;
export const AlarmRequest_AlarmAction = {
  GET: 0,
  ACTIVATE: 1,
  DEACTIVATE: 2,
} as const;

export interface AlarmMember {
  memberID: bigint;
  alarm: AlarmType;
}

export const AlarmMember: MessageCodec<AlarmMember> = {
  typeName: "etcdserverpb.AlarmMember",
  create(init) {
    const message: AlarmMember = {
      memberID: 0n,
      alarm: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AlarmMember.write(message, writer); return writer.copy(); },
  decode(bytes) { return AlarmMember.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.memberID !== undefined && message.memberID !== 0n) { writer.uint32(8); writer.bigint64(message.memberID); }
    if (message.alarm !== undefined && message.alarm !== 0) { writer.uint32(16); writer.int32(message.alarm); }
  },
  read(reader, begun) {
    const message: AlarmMember = begun ?? {
      memberID: 0n,
      alarm: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.memberID = reader.uint64(); break;
        case 16: message.alarm = reader.int32(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AlarmResponse {
  header: ResponseHeader | undefined;
  alarms: AlarmMember[];
}

export const AlarmResponse: MessageCodec<AlarmResponse> = {
  typeName: "etcdserverpb.AlarmResponse",
  create(init) {
    const message: AlarmResponse = {
      header: undefined,
      alarms: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AlarmResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AlarmResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.alarms !== undefined) for (const item of message.alarms) {
    writer.uint32(18);
    { const start = writer.open();
    AlarmMember.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AlarmResponse = begun ?? {
      header: undefined,
      alarms: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.alarms.push(AlarmMember.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface DowngradeRequest {
  action: DowngradeRequest_DowngradeAction;
  version: string;
}

export const DowngradeRequest: MessageCodec<DowngradeRequest> = {
  typeName: "etcdserverpb.DowngradeRequest",
  create(init) {
    const message: DowngradeRequest = {
      action: 0,
      version: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DowngradeRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return DowngradeRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.action !== undefined && message.action !== 0) { writer.uint32(8); writer.int32(message.action); }
    if (message.version !== undefined && message.version.length > 0) { writer.uint32(18); writer.string(message.version); }
  },
  read(reader, begun) {
    const message: DowngradeRequest = begun ?? {
      action: 0,
      version: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.action = reader.int32(); break;
        case 18: message.version = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type DowngradeRequest_DowngradeAction = number;
export const DowngradeRequest_DowngradeAction = {
  VALIDATE: 0,
  ENABLE: 1,
  CANCEL: 2,
} as const;

export interface DowngradeResponse {
  header: ResponseHeader | undefined;
  version: string;
}

export const DowngradeResponse: MessageCodec<DowngradeResponse> = {
  typeName: "etcdserverpb.DowngradeResponse",
  create(init) {
    const message: DowngradeResponse = {
      header: undefined,
      version: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DowngradeResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return DowngradeResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.version !== undefined && message.version.length > 0) { writer.uint32(18); writer.string(message.version); }
  },
  read(reader, begun) {
    const message: DowngradeResponse = begun ?? {
      header: undefined,
      version: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.version = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface DowngradeVersionTestRequest {
  ver: string;
}

export const DowngradeVersionTestRequest: MessageCodec<DowngradeVersionTestRequest> = {
  typeName: "etcdserverpb.DowngradeVersionTestRequest",
  create(init) {
    const message: DowngradeVersionTestRequest = {
      ver: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DowngradeVersionTestRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return DowngradeVersionTestRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.ver !== undefined && message.ver.length > 0) { writer.uint32(10); writer.string(message.ver); }
  },
  read(reader, begun) {
    const message: DowngradeVersionTestRequest = begun ?? {
      ver: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.ver = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface StatusRequest {
}

export const StatusRequest: MessageCodec<StatusRequest> = {
  typeName: "etcdserverpb.StatusRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); StatusRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return StatusRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: StatusRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface StatusResponse {
  header: ResponseHeader | undefined;
  version: string;
  dbSize: number;
  leader: bigint;
  raftIndex: number;
  raftTerm: number;
  raftAppliedIndex: number;
  errors: string[];
  dbSizeInUse: number;
  isLearner: boolean;
  storageVersion: string;
  dbSizeQuota: number;
  downgradeInfo: DowngradeInfo | undefined;
}

export const StatusResponse: MessageCodec<StatusResponse> = {
  typeName: "etcdserverpb.StatusResponse",
  create(init) {
    const message: StatusResponse = {
      header: undefined,
      version: "",
      dbSize: 0,
      leader: 0n,
      raftIndex: 0,
      raftTerm: 0,
      raftAppliedIndex: 0,
      errors: [],
      dbSizeInUse: 0,
      isLearner: false,
      storageVersion: "",
      dbSizeQuota: 0,
      downgradeInfo: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); StatusResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return StatusResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.version !== undefined && message.version.length > 0) { writer.uint32(18); writer.string(message.version); }
    if (message.dbSize !== undefined && message.dbSize !== 0) { writer.uint32(24); writer.number64(message.dbSize); }
    if (message.leader !== undefined && message.leader !== 0n) { writer.uint32(32); writer.bigint64(message.leader); }
    if (message.raftIndex !== undefined && message.raftIndex !== 0) { writer.uint32(40); writer.number64(message.raftIndex); }
    if (message.raftTerm !== undefined && message.raftTerm !== 0) { writer.uint32(48); writer.number64(message.raftTerm); }
    if (message.raftAppliedIndex !== undefined && message.raftAppliedIndex !== 0) { writer.uint32(56); writer.number64(message.raftAppliedIndex); }
    if (message.errors !== undefined) for (const item of message.errors) {
    writer.uint32(66);
    writer.string(item); }
    if (message.dbSizeInUse !== undefined && message.dbSizeInUse !== 0) { writer.uint32(72); writer.number64(message.dbSizeInUse); }
    if (message.isLearner !== undefined && message.isLearner !== false) { writer.uint32(80); writer.bool(message.isLearner); }
    if (message.storageVersion !== undefined && message.storageVersion.length > 0) { writer.uint32(90); writer.string(message.storageVersion); }
    if (message.dbSizeQuota !== undefined && message.dbSizeQuota !== 0) { writer.uint32(96); writer.number64(message.dbSizeQuota); }
    if (message.downgradeInfo !== undefined) {
    writer.uint32(106);
    { const start = writer.open();
    DowngradeInfo.write(message.downgradeInfo, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: StatusResponse = begun ?? {
      header: undefined,
      version: "",
      dbSize: 0,
      leader: 0n,
      raftIndex: 0,
      raftTerm: 0,
      raftAppliedIndex: 0,
      errors: [],
      dbSizeInUse: 0,
      isLearner: false,
      storageVersion: "",
      dbSizeQuota: 0,
      downgradeInfo: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.version = reader.string(); break;
        case 24: message.dbSize = reader.int64Number(); break;
        case 32: message.leader = reader.uint64(); break;
        case 40: message.raftIndex = reader.uint64Number(); break;
        case 48: message.raftTerm = reader.uint64Number(); break;
        case 56: message.raftAppliedIndex = reader.uint64Number(); break;
        case 66: message.errors.push(reader.string()); break;
        case 72: message.dbSizeInUse = reader.int64Number(); break;
        case 80: message.isLearner = reader.bool(); break;
        case 90: message.storageVersion = reader.string(); break;
        case 96: message.dbSizeQuota = reader.int64Number(); break;
        case 106: message.downgradeInfo = DowngradeInfo.read(reader.nested(), message.downgradeInfo); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface DowngradeInfo {
  enabled: boolean;
  targetVersion: string;
}

export const DowngradeInfo: MessageCodec<DowngradeInfo> = {
  typeName: "etcdserverpb.DowngradeInfo",
  create(init) {
    const message: DowngradeInfo = {
      enabled: false,
      targetVersion: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); DowngradeInfo.write(message, writer); return writer.copy(); },
  decode(bytes) { return DowngradeInfo.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.enabled !== undefined && message.enabled !== false) { writer.uint32(8); writer.bool(message.enabled); }
    if (message.targetVersion !== undefined && message.targetVersion.length > 0) { writer.uint32(18); writer.string(message.targetVersion); }
  },
  read(reader, begun) {
    const message: DowngradeInfo = begun ?? {
      enabled: false,
      targetVersion: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.enabled = reader.bool(); break;
        case 18: message.targetVersion = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthEnableRequest {
}

export const AuthEnableRequest: MessageCodec<AuthEnableRequest> = {
  typeName: "etcdserverpb.AuthEnableRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); AuthEnableRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthEnableRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: AuthEnableRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface AuthDisableRequest {
}

export const AuthDisableRequest: MessageCodec<AuthDisableRequest> = {
  typeName: "etcdserverpb.AuthDisableRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); AuthDisableRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthDisableRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: AuthDisableRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface AuthStatusRequest {
}

export const AuthStatusRequest: MessageCodec<AuthStatusRequest> = {
  typeName: "etcdserverpb.AuthStatusRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); AuthStatusRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthStatusRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: AuthStatusRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface AuthenticateRequest {
  name: string;
  password: string;
}

export const AuthenticateRequest: MessageCodec<AuthenticateRequest> = {
  typeName: "etcdserverpb.AuthenticateRequest",
  create(init) {
    const message: AuthenticateRequest = {
      name: "",
      password: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthenticateRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthenticateRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
    if (message.password !== undefined && message.password.length > 0) { writer.uint32(18); writer.string(message.password); }
  },
  read(reader, begun) {
    const message: AuthenticateRequest = begun ?? {
      name: "",
      password: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        case 18: message.password = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserAddRequest {
  name: string;
  password: string;
  options: authpb.UserAddOptions | undefined;
  hashedPassword: string;
}

export const AuthUserAddRequest: MessageCodec<AuthUserAddRequest> = {
  typeName: "etcdserverpb.AuthUserAddRequest",
  create(init) {
    const message: AuthUserAddRequest = {
      name: "",
      password: "",
      options: undefined,
      hashedPassword: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserAddRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserAddRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
    if (message.password !== undefined && message.password.length > 0) { writer.uint32(18); writer.string(message.password); }
    if (message.options !== undefined) {
    writer.uint32(26);
    { const start = writer.open();
    authpb.UserAddOptions.write(message.options, writer);
    writer.close(start); }
    }
    if (message.hashedPassword !== undefined && message.hashedPassword.length > 0) { writer.uint32(34); writer.string(message.hashedPassword); }
  },
  read(reader, begun) {
    const message: AuthUserAddRequest = begun ?? {
      name: "",
      password: "",
      options: undefined,
      hashedPassword: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        case 18: message.password = reader.string(); break;
        case 26: message.options = authpb.UserAddOptions.read(reader.nested(), message.options); break;
        case 34: message.hashedPassword = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserGetRequest {
  name: string;
}

export const AuthUserGetRequest: MessageCodec<AuthUserGetRequest> = {
  typeName: "etcdserverpb.AuthUserGetRequest",
  create(init) {
    const message: AuthUserGetRequest = {
      name: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserGetRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserGetRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
  },
  read(reader, begun) {
    const message: AuthUserGetRequest = begun ?? {
      name: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserDeleteRequest {
  name: string;
}

export const AuthUserDeleteRequest: MessageCodec<AuthUserDeleteRequest> = {
  typeName: "etcdserverpb.AuthUserDeleteRequest",
  create(init) {
    const message: AuthUserDeleteRequest = {
      name: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserDeleteRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserDeleteRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
  },
  read(reader, begun) {
    const message: AuthUserDeleteRequest = begun ?? {
      name: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserChangePasswordRequest {
  name: string;
  password: string;
  hashedPassword: string;
}

export const AuthUserChangePasswordRequest: MessageCodec<AuthUserChangePasswordRequest> = {
  typeName: "etcdserverpb.AuthUserChangePasswordRequest",
  create(init) {
    const message: AuthUserChangePasswordRequest = {
      name: "",
      password: "",
      hashedPassword: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserChangePasswordRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserChangePasswordRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
    if (message.password !== undefined && message.password.length > 0) { writer.uint32(18); writer.string(message.password); }
    if (message.hashedPassword !== undefined && message.hashedPassword.length > 0) { writer.uint32(26); writer.string(message.hashedPassword); }
  },
  read(reader, begun) {
    const message: AuthUserChangePasswordRequest = begun ?? {
      name: "",
      password: "",
      hashedPassword: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        case 18: message.password = reader.string(); break;
        case 26: message.hashedPassword = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserGrantRoleRequest {
  user: string;
  role: string;
}

export const AuthUserGrantRoleRequest: MessageCodec<AuthUserGrantRoleRequest> = {
  typeName: "etcdserverpb.AuthUserGrantRoleRequest",
  create(init) {
    const message: AuthUserGrantRoleRequest = {
      user: "",
      role: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserGrantRoleRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserGrantRoleRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.user !== undefined && message.user.length > 0) { writer.uint32(10); writer.string(message.user); }
    if (message.role !== undefined && message.role.length > 0) { writer.uint32(18); writer.string(message.role); }
  },
  read(reader, begun) {
    const message: AuthUserGrantRoleRequest = begun ?? {
      user: "",
      role: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.user = reader.string(); break;
        case 18: message.role = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserRevokeRoleRequest {
  name: string;
  role: string;
}

export const AuthUserRevokeRoleRequest: MessageCodec<AuthUserRevokeRoleRequest> = {
  typeName: "etcdserverpb.AuthUserRevokeRoleRequest",
  create(init) {
    const message: AuthUserRevokeRoleRequest = {
      name: "",
      role: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserRevokeRoleRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserRevokeRoleRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
    if (message.role !== undefined && message.role.length > 0) { writer.uint32(18); writer.string(message.role); }
  },
  read(reader, begun) {
    const message: AuthUserRevokeRoleRequest = begun ?? {
      name: "",
      role: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        case 18: message.role = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleAddRequest {
  name: string;
}

export const AuthRoleAddRequest: MessageCodec<AuthRoleAddRequest> = {
  typeName: "etcdserverpb.AuthRoleAddRequest",
  create(init) {
    const message: AuthRoleAddRequest = {
      name: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleAddRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleAddRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
  },
  read(reader, begun) {
    const message: AuthRoleAddRequest = begun ?? {
      name: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleGetRequest {
  role: string;
}

export const AuthRoleGetRequest: MessageCodec<AuthRoleGetRequest> = {
  typeName: "etcdserverpb.AuthRoleGetRequest",
  create(init) {
    const message: AuthRoleGetRequest = {
      role: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleGetRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleGetRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.role !== undefined && message.role.length > 0) { writer.uint32(10); writer.string(message.role); }
  },
  read(reader, begun) {
    const message: AuthRoleGetRequest = begun ?? {
      role: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.role = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserListRequest {
}

export const AuthUserListRequest: MessageCodec<AuthUserListRequest> = {
  typeName: "etcdserverpb.AuthUserListRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); AuthUserListRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserListRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: AuthUserListRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface AuthRoleListRequest {
}

export const AuthRoleListRequest: MessageCodec<AuthRoleListRequest> = {
  typeName: "etcdserverpb.AuthRoleListRequest",
  create(init) {
    void init; return {};
  },
  encode(message) { const writer = new WireWriter(); AuthRoleListRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleListRequest.read(new WireReader(bytes)); },
  write() {},
  read(reader, begun) {
    const message: AuthRoleListRequest = begun ?? {
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      reader.skip(tag);
    }
    return message;
  },
};

export interface AuthRoleDeleteRequest {
  role: string;
}

export const AuthRoleDeleteRequest: MessageCodec<AuthRoleDeleteRequest> = {
  typeName: "etcdserverpb.AuthRoleDeleteRequest",
  create(init) {
    const message: AuthRoleDeleteRequest = {
      role: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleDeleteRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleDeleteRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.role !== undefined && message.role.length > 0) { writer.uint32(10); writer.string(message.role); }
  },
  read(reader, begun) {
    const message: AuthRoleDeleteRequest = begun ?? {
      role: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.role = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleGrantPermissionRequest {
  name: string;
  perm: authpb.Permission | undefined;
}

export const AuthRoleGrantPermissionRequest: MessageCodec<AuthRoleGrantPermissionRequest> = {
  typeName: "etcdserverpb.AuthRoleGrantPermissionRequest",
  create(init) {
    const message: AuthRoleGrantPermissionRequest = {
      name: "",
      perm: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleGrantPermissionRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleGrantPermissionRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.string(message.name); }
    if (message.perm !== undefined) {
    writer.uint32(18);
    { const start = writer.open();
    authpb.Permission.write(message.perm, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthRoleGrantPermissionRequest = begun ?? {
      name: "",
      perm: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.string(); break;
        case 18: message.perm = authpb.Permission.read(reader.nested(), message.perm); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleRevokePermissionRequest {
  role: string;
  key: Uint8Array;
  rangeEnd: Uint8Array;
}

export const AuthRoleRevokePermissionRequest: MessageCodec<AuthRoleRevokePermissionRequest> = {
  typeName: "etcdserverpb.AuthRoleRevokePermissionRequest",
  create(init) {
    const message: AuthRoleRevokePermissionRequest = {
      role: "",
      key: EMPTY,
      rangeEnd: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleRevokePermissionRequest.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleRevokePermissionRequest.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.role !== undefined && message.role.length > 0) { writer.uint32(10); writer.string(message.role); }
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(18); writer.bytes(message.key); }
    if (message.rangeEnd !== undefined && message.rangeEnd.length > 0) { writer.uint32(26); writer.bytes(message.rangeEnd); }
  },
  read(reader, begun) {
    const message: AuthRoleRevokePermissionRequest = begun ?? {
      role: "",
      key: EMPTY,
      rangeEnd: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.role = reader.string(); break;
        case 18: message.key = reader.bytes(); break;
        case 26: message.rangeEnd = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthEnableResponse {
  header: ResponseHeader | undefined;
}

export const AuthEnableResponse: MessageCodec<AuthEnableResponse> = {
  typeName: "etcdserverpb.AuthEnableResponse",
  create(init) {
    const message: AuthEnableResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthEnableResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthEnableResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthEnableResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthDisableResponse {
  header: ResponseHeader | undefined;
}

export const AuthDisableResponse: MessageCodec<AuthDisableResponse> = {
  typeName: "etcdserverpb.AuthDisableResponse",
  create(init) {
    const message: AuthDisableResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthDisableResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthDisableResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthDisableResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthStatusResponse {
  header: ResponseHeader | undefined;
  enabled: boolean;
  authRevision: number;
}

export const AuthStatusResponse: MessageCodec<AuthStatusResponse> = {
  typeName: "etcdserverpb.AuthStatusResponse",
  create(init) {
    const message: AuthStatusResponse = {
      header: undefined,
      enabled: false,
      authRevision: 0,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthStatusResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthStatusResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.enabled !== undefined && message.enabled !== false) { writer.uint32(16); writer.bool(message.enabled); }
    if (message.authRevision !== undefined && message.authRevision !== 0) { writer.uint32(24); writer.number64(message.authRevision); }
  },
  read(reader, begun) {
    const message: AuthStatusResponse = begun ?? {
      header: undefined,
      enabled: false,
      authRevision: 0,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 16: message.enabled = reader.bool(); break;
        case 24: message.authRevision = reader.uint64Number(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthenticateResponse {
  header: ResponseHeader | undefined;
  token: string;
}

export const AuthenticateResponse: MessageCodec<AuthenticateResponse> = {
  typeName: "etcdserverpb.AuthenticateResponse",
  create(init) {
    const message: AuthenticateResponse = {
      header: undefined,
      token: "",
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthenticateResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthenticateResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.token !== undefined && message.token.length > 0) { writer.uint32(18); writer.string(message.token); }
  },
  read(reader, begun) {
    const message: AuthenticateResponse = begun ?? {
      header: undefined,
      token: "",
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.token = reader.string(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserAddResponse {
  header: ResponseHeader | undefined;
}

export const AuthUserAddResponse: MessageCodec<AuthUserAddResponse> = {
  typeName: "etcdserverpb.AuthUserAddResponse",
  create(init) {
    const message: AuthUserAddResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserAddResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserAddResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthUserAddResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserGetResponse {
  header: ResponseHeader | undefined;
  roles: string[];
}

export const AuthUserGetResponse: MessageCodec<AuthUserGetResponse> = {
  typeName: "etcdserverpb.AuthUserGetResponse",
  create(init) {
    const message: AuthUserGetResponse = {
      header: undefined,
      roles: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserGetResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserGetResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.roles !== undefined) for (const item of message.roles) {
    writer.uint32(18);
    writer.string(item); }
  },
  read(reader, begun) {
    const message: AuthUserGetResponse = begun ?? {
      header: undefined,
      roles: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.roles.push(reader.string()); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserDeleteResponse {
  header: ResponseHeader | undefined;
}

export const AuthUserDeleteResponse: MessageCodec<AuthUserDeleteResponse> = {
  typeName: "etcdserverpb.AuthUserDeleteResponse",
  create(init) {
    const message: AuthUserDeleteResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserDeleteResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserDeleteResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthUserDeleteResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserChangePasswordResponse {
  header: ResponseHeader | undefined;
}

export const AuthUserChangePasswordResponse: MessageCodec<AuthUserChangePasswordResponse> = {
  typeName: "etcdserverpb.AuthUserChangePasswordResponse",
  create(init) {
    const message: AuthUserChangePasswordResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserChangePasswordResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserChangePasswordResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthUserChangePasswordResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserGrantRoleResponse {
  header: ResponseHeader | undefined;
}

export const AuthUserGrantRoleResponse: MessageCodec<AuthUserGrantRoleResponse> = {
  typeName: "etcdserverpb.AuthUserGrantRoleResponse",
  create(init) {
    const message: AuthUserGrantRoleResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserGrantRoleResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserGrantRoleResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthUserGrantRoleResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserRevokeRoleResponse {
  header: ResponseHeader | undefined;
}

export const AuthUserRevokeRoleResponse: MessageCodec<AuthUserRevokeRoleResponse> = {
  typeName: "etcdserverpb.AuthUserRevokeRoleResponse",
  create(init) {
    const message: AuthUserRevokeRoleResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserRevokeRoleResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserRevokeRoleResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthUserRevokeRoleResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleAddResponse {
  header: ResponseHeader | undefined;
}

export const AuthRoleAddResponse: MessageCodec<AuthRoleAddResponse> = {
  typeName: "etcdserverpb.AuthRoleAddResponse",
  create(init) {
    const message: AuthRoleAddResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleAddResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleAddResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthRoleAddResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleGetResponse {
  header: ResponseHeader | undefined;
  perm: authpb.Permission[];
}

export const AuthRoleGetResponse: MessageCodec<AuthRoleGetResponse> = {
  typeName: "etcdserverpb.AuthRoleGetResponse",
  create(init) {
    const message: AuthRoleGetResponse = {
      header: undefined,
      perm: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleGetResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleGetResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.perm !== undefined) for (const item of message.perm) {
    writer.uint32(18);
    { const start = writer.open();
    authpb.Permission.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthRoleGetResponse = begun ?? {
      header: undefined,
      perm: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.perm.push(authpb.Permission.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleListResponse {
  header: ResponseHeader | undefined;
  roles: string[];
}

export const AuthRoleListResponse: MessageCodec<AuthRoleListResponse> = {
  typeName: "etcdserverpb.AuthRoleListResponse",
  create(init) {
    const message: AuthRoleListResponse = {
      header: undefined,
      roles: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleListResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleListResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.roles !== undefined) for (const item of message.roles) {
    writer.uint32(18);
    writer.string(item); }
  },
  read(reader, begun) {
    const message: AuthRoleListResponse = begun ?? {
      header: undefined,
      roles: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.roles.push(reader.string()); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthUserListResponse {
  header: ResponseHeader | undefined;
  users: string[];
}

export const AuthUserListResponse: MessageCodec<AuthUserListResponse> = {
  typeName: "etcdserverpb.AuthUserListResponse",
  create(init) {
    const message: AuthUserListResponse = {
      header: undefined,
      users: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthUserListResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthUserListResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
    if (message.users !== undefined) for (const item of message.users) {
    writer.uint32(18);
    writer.string(item); }
  },
  read(reader, begun) {
    const message: AuthUserListResponse = begun ?? {
      header: undefined,
      users: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        case 18: message.users.push(reader.string()); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleDeleteResponse {
  header: ResponseHeader | undefined;
}

export const AuthRoleDeleteResponse: MessageCodec<AuthRoleDeleteResponse> = {
  typeName: "etcdserverpb.AuthRoleDeleteResponse",
  create(init) {
    const message: AuthRoleDeleteResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleDeleteResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleDeleteResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthRoleDeleteResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleGrantPermissionResponse {
  header: ResponseHeader | undefined;
}

export const AuthRoleGrantPermissionResponse: MessageCodec<AuthRoleGrantPermissionResponse> = {
  typeName: "etcdserverpb.AuthRoleGrantPermissionResponse",
  create(init) {
    const message: AuthRoleGrantPermissionResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleGrantPermissionResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleGrantPermissionResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthRoleGrantPermissionResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface AuthRoleRevokePermissionResponse {
  header: ResponseHeader | undefined;
}

export const AuthRoleRevokePermissionResponse: MessageCodec<AuthRoleRevokePermissionResponse> = {
  typeName: "etcdserverpb.AuthRoleRevokePermissionResponse",
  create(init) {
    const message: AuthRoleRevokePermissionResponse = {
      header: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); AuthRoleRevokePermissionResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return AuthRoleRevokePermissionResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.header !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    ResponseHeader.write(message.header, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: AuthRoleRevokePermissionResponse = begun ?? {
      header: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.header = ResponseHeader.read(reader.nested(), message.header); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface RangeStreamResponse {
  rangeResponse: RangeResponse | undefined;
}

export const RangeStreamResponse: MessageCodec<RangeStreamResponse> = {
  typeName: "etcdserverpb.RangeStreamResponse",
  create(init) {
    const message: RangeStreamResponse = {
      rangeResponse: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); RangeStreamResponse.write(message, writer); return writer.copy(); },
  decode(bytes) { return RangeStreamResponse.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.rangeResponse !== undefined) {
    writer.uint32(10);
    { const start = writer.open();
    RangeResponse.write(message.rangeResponse, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: RangeStreamResponse = begun ?? {
      rangeResponse: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.rangeResponse = RangeResponse.read(reader.nested(), message.rangeResponse); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export const KVService = {
  range: {
    path: "/etcdserverpb.KV/Range",
    request: RangeRequest, response: RangeResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<RangeRequest, RangeResponse>,
  rangeStream: {
    path: "/etcdserverpb.KV/RangeStream",
    request: RangeRequest, response: RangeStreamResponse,
    requestStream: false, responseStream: true,
  } satisfies MethodDescriptor<RangeRequest, RangeStreamResponse>,
  put: {
    path: "/etcdserverpb.KV/Put",
    request: PutRequest, response: PutResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<PutRequest, PutResponse>,
  deleteRange: {
    path: "/etcdserverpb.KV/DeleteRange",
    request: DeleteRangeRequest, response: DeleteRangeResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<DeleteRangeRequest, DeleteRangeResponse>,
  txn: {
    path: "/etcdserverpb.KV/Txn",
    request: TxnRequest, response: TxnResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<TxnRequest, TxnResponse>,
  compact: {
    path: "/etcdserverpb.KV/Compact",
    request: CompactionRequest, response: CompactionResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<CompactionRequest, CompactionResponse>,
} as const;

export const WatchService = {
  watch: {
    path: "/etcdserverpb.Watch/Watch",
    request: WatchRequest, response: WatchResponse,
    requestStream: true, responseStream: true,
  } satisfies MethodDescriptor<WatchRequest, WatchResponse>,
} as const;

export const LeaseService = {
  leaseGrant: {
    path: "/etcdserverpb.Lease/LeaseGrant",
    request: LeaseGrantRequest, response: LeaseGrantResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<LeaseGrantRequest, LeaseGrantResponse>,
  leaseRevoke: {
    path: "/etcdserverpb.Lease/LeaseRevoke",
    request: LeaseRevokeRequest, response: LeaseRevokeResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<LeaseRevokeRequest, LeaseRevokeResponse>,
  leaseKeepAlive: {
    path: "/etcdserverpb.Lease/LeaseKeepAlive",
    request: LeaseKeepAliveRequest, response: LeaseKeepAliveResponse,
    requestStream: true, responseStream: true,
  } satisfies MethodDescriptor<LeaseKeepAliveRequest, LeaseKeepAliveResponse>,
  leaseTimeToLive: {
    path: "/etcdserverpb.Lease/LeaseTimeToLive",
    request: LeaseTimeToLiveRequest, response: LeaseTimeToLiveResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>,
  leaseLeases: {
    path: "/etcdserverpb.Lease/LeaseLeases",
    request: LeaseLeasesRequest, response: LeaseLeasesResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<LeaseLeasesRequest, LeaseLeasesResponse>,
} as const;

export const ClusterService = {
  memberAdd: {
    path: "/etcdserverpb.Cluster/MemberAdd",
    request: MemberAddRequest, response: MemberAddResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<MemberAddRequest, MemberAddResponse>,
  memberRemove: {
    path: "/etcdserverpb.Cluster/MemberRemove",
    request: MemberRemoveRequest, response: MemberRemoveResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<MemberRemoveRequest, MemberRemoveResponse>,
  memberUpdate: {
    path: "/etcdserverpb.Cluster/MemberUpdate",
    request: MemberUpdateRequest, response: MemberUpdateResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<MemberUpdateRequest, MemberUpdateResponse>,
  memberList: {
    path: "/etcdserverpb.Cluster/MemberList",
    request: MemberListRequest, response: MemberListResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<MemberListRequest, MemberListResponse>,
  memberPromote: {
    path: "/etcdserverpb.Cluster/MemberPromote",
    request: MemberPromoteRequest, response: MemberPromoteResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<MemberPromoteRequest, MemberPromoteResponse>,
} as const;

export const MaintenanceService = {
  alarm: {
    path: "/etcdserverpb.Maintenance/Alarm",
    request: AlarmRequest, response: AlarmResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AlarmRequest, AlarmResponse>,
  status: {
    path: "/etcdserverpb.Maintenance/Status",
    request: StatusRequest, response: StatusResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<StatusRequest, StatusResponse>,
  defragment: {
    path: "/etcdserverpb.Maintenance/Defragment",
    request: DefragmentRequest, response: DefragmentResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<DefragmentRequest, DefragmentResponse>,
  hash: {
    path: "/etcdserverpb.Maintenance/Hash",
    request: HashRequest, response: HashResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<HashRequest, HashResponse>,
  hashKV: {
    path: "/etcdserverpb.Maintenance/HashKV",
    request: HashKVRequest, response: HashKVResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<HashKVRequest, HashKVResponse>,
  snapshot: {
    path: "/etcdserverpb.Maintenance/Snapshot",
    request: SnapshotRequest, response: SnapshotResponse,
    requestStream: false, responseStream: true,
  } satisfies MethodDescriptor<SnapshotRequest, SnapshotResponse>,
  moveLeader: {
    path: "/etcdserverpb.Maintenance/MoveLeader",
    request: MoveLeaderRequest, response: MoveLeaderResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<MoveLeaderRequest, MoveLeaderResponse>,
  downgrade: {
    path: "/etcdserverpb.Maintenance/Downgrade",
    request: DowngradeRequest, response: DowngradeResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<DowngradeRequest, DowngradeResponse>,
} as const;

export const AuthService = {
  authEnable: {
    path: "/etcdserverpb.Auth/AuthEnable",
    request: AuthEnableRequest, response: AuthEnableResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthEnableRequest, AuthEnableResponse>,
  authDisable: {
    path: "/etcdserverpb.Auth/AuthDisable",
    request: AuthDisableRequest, response: AuthDisableResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthDisableRequest, AuthDisableResponse>,
  authStatus: {
    path: "/etcdserverpb.Auth/AuthStatus",
    request: AuthStatusRequest, response: AuthStatusResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthStatusRequest, AuthStatusResponse>,
  authenticate: {
    path: "/etcdserverpb.Auth/Authenticate",
    request: AuthenticateRequest, response: AuthenticateResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthenticateRequest, AuthenticateResponse>,
  userAdd: {
    path: "/etcdserverpb.Auth/UserAdd",
    request: AuthUserAddRequest, response: AuthUserAddResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthUserAddRequest, AuthUserAddResponse>,
  userGet: {
    path: "/etcdserverpb.Auth/UserGet",
    request: AuthUserGetRequest, response: AuthUserGetResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthUserGetRequest, AuthUserGetResponse>,
  userList: {
    path: "/etcdserverpb.Auth/UserList",
    request: AuthUserListRequest, response: AuthUserListResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthUserListRequest, AuthUserListResponse>,
  userDelete: {
    path: "/etcdserverpb.Auth/UserDelete",
    request: AuthUserDeleteRequest, response: AuthUserDeleteResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthUserDeleteRequest, AuthUserDeleteResponse>,
  userChangePassword: {
    path: "/etcdserverpb.Auth/UserChangePassword",
    request: AuthUserChangePasswordRequest, response: AuthUserChangePasswordResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthUserChangePasswordRequest, AuthUserChangePasswordResponse>,
  userGrantRole: {
    path: "/etcdserverpb.Auth/UserGrantRole",
    request: AuthUserGrantRoleRequest, response: AuthUserGrantRoleResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthUserGrantRoleRequest, AuthUserGrantRoleResponse>,
  userRevokeRole: {
    path: "/etcdserverpb.Auth/UserRevokeRole",
    request: AuthUserRevokeRoleRequest, response: AuthUserRevokeRoleResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthUserRevokeRoleRequest, AuthUserRevokeRoleResponse>,
  roleAdd: {
    path: "/etcdserverpb.Auth/RoleAdd",
    request: AuthRoleAddRequest, response: AuthRoleAddResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthRoleAddRequest, AuthRoleAddResponse>,
  roleGet: {
    path: "/etcdserverpb.Auth/RoleGet",
    request: AuthRoleGetRequest, response: AuthRoleGetResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthRoleGetRequest, AuthRoleGetResponse>,
  roleList: {
    path: "/etcdserverpb.Auth/RoleList",
    request: AuthRoleListRequest, response: AuthRoleListResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthRoleListRequest, AuthRoleListResponse>,
  roleDelete: {
    path: "/etcdserverpb.Auth/RoleDelete",
    request: AuthRoleDeleteRequest, response: AuthRoleDeleteResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthRoleDeleteRequest, AuthRoleDeleteResponse>,
  roleGrantPermission: {
    path: "/etcdserverpb.Auth/RoleGrantPermission",
    request: AuthRoleGrantPermissionRequest, response: AuthRoleGrantPermissionResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthRoleGrantPermissionRequest, AuthRoleGrantPermissionResponse>,
  roleRevokePermission: {
    path: "/etcdserverpb.Auth/RoleRevokePermission",
    request: AuthRoleRevokePermissionRequest, response: AuthRoleRevokePermissionResponse,
    requestStream: false, responseStream: false,
  } satisfies MethodDescriptor<AuthRoleRevokePermissionRequest, AuthRoleRevokePermissionResponse>,
} as const;
