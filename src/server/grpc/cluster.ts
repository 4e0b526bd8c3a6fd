// SPDX-License-Identifier: Apache-2.0

import {
  ClusterService as Descriptors,
  MemberListRequest,
  MemberListResponse,
} from "../../api/gen/etcdserverpb.ts";
import type { Member } from "../../core/membership/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import { refusalStatus } from "./error-status.ts";
import { refuse, type UnaryMethods } from "./service.ts";

export interface ClusterOptions {
  readonly replica: ReplicaFace;
  /** Ascending by ID. */
  readonly members: () => readonly Member[];
}

/** `etcdserverpb.Cluster`: who the members are. */
export class ClusterService {
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  methods(): UnaryMethods {
    return new Map([[Descriptors.memberList.path, this.#memberList]]);
  }

  readonly #memberList = (call: UnaryCall, message: Uint8Array): void => {
    const { linearizable } = MemberListRequest.decode(message);
    if (!linearizable) return this.#answer(call);
    this.#options.replica.read({
      serve: () => this.#answer(call),
      unserved: (reason) => refuse(call, refusalStatus[reason]),
    });
  };

  #answer(call: UnaryCall): void {
    const { replica, members } = this.#options;
    const { clusterId, memberId } = replica;
    const response = MemberListResponse.encode({
      // Cluster answers carry no revision.
      header: { clusterId, memberId, raftTerm: replica.status().term },
      members: members().map((member) => ({
        ID: member.id,
        name: member.name,
        peerURLs: [...member.peerUrls],
        clientURLs: [...member.clientUrls],
        isLearner: member.isLearner,
      })),
    });
    call.respond(response);
  }
}
