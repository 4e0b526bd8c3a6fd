// SPDX-License-Identifier: Apache-2.0

import type { CommandClass, Program } from "../../cli/command.ts";
import { CtlGroup } from "../../cli/ctl-command.ts";
import { globalFlags } from "../../cli/global-flags.ts";
import AlarmDisarm from "./alarm/disarm.ts";
import Alarm from "./alarm/index.ts";
import AlarmList from "./alarm/list.ts";
import CheckDatascale from "./check/datascale.ts";
import Check from "./check/index.ts";
import CheckPerf from "./check/perf.ts";
import Compaction from "./compaction.ts";
import Completion from "./completion.ts";
import Defrag from "./defrag.ts";
import Del from "./del.ts";
import Elect from "./elect.ts";
import EndpointHashKv from "./endpoint/hashkv.ts";
import EndpointHealth from "./endpoint/health.ts";
import Endpoint from "./endpoint/index.ts";
import EndpointStatus from "./endpoint/status.ts";
import Get from "./get.ts";
import Help from "./help.ts";
import LeaseGrant from "./lease/grant.ts";
import Lease from "./lease/index.ts";
import LeaseKeepAlive from "./lease/keep-alive.ts";
import LeaseList from "./lease/list.ts";
import LeaseRevoke from "./lease/revoke.ts";
import LeaseTimeToLive from "./lease/timetolive.ts";
import Lock from "./lock.ts";
import MakeMirror from "./make-mirror.ts";
import Member from "./member/index.ts";
import MemberList from "./member/list.ts";
import MoveLeader from "./move-leader.ts";
import Options from "./options.ts";
import Put from "./put.ts";
import Snapshot from "./snapshot/index.ts";
import SnapshotSave from "./snapshot/save.ts";
import Txn from "./txn.ts";
import Version from "./version.ts";
import Watch from "./watch.ts";

// The order is that in which suggestions for a mistyped command are listed.
const commands: readonly CommandClass[] = [
  Get,
  Put,
  Del,
  Txn,
  Compaction,
  Alarm,
  AlarmDisarm,
  AlarmList,
  Defrag,
  Endpoint,
  EndpointHealth,
  EndpointStatus,
  EndpointHashKv,
  MoveLeader,
  Watch,
  Version,
  Lease,
  LeaseGrant,
  LeaseRevoke,
  LeaseTimeToLive,
  LeaseList,
  LeaseKeepAlive,
  Member,
  MemberList,
  Snapshot,
  SnapshotSave,
  MakeMirror,
  Lock,
  Elect,
  Check,
  CheckPerf,
  CheckDatascale,
  Completion,
  Options,
  Help,
];

/** The client program, `etcdctl`. */
export const ctlProgram: Program = {
  name: "etcdctl",
  summary: "A command line client of etcd",
  groups: Object.values(CtlGroup),
  commands,
  globalFlags,
};
