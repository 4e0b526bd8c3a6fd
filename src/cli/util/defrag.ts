// SPDX-License-Identifier: Apache-2.0

import { formatGoDuration, nanosecondsToMs } from "../../base/go-duration.ts";
import { type DefragmentOutside, defragmentMember } from "../../offline/defragment.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { formatSize } from "../print/columns.ts";
import { logToConsole } from "./console-log.ts";
import { longWork } from "./long-work.ts";
import { requireFlags } from "./required-flags.ts";

const CALLER = "backend/backend.go";

export async function defrag(call: Call): Promise<number> {
  const { values } = call;
  requireFlags(call, "data-dir");
  const dataDir = values.text("data-dir");
  const request = { dataDir, lockWaitMs: nanosecondsToMs(values.bigint("timeout")) };
  try {
    await longWork(call, { isOfEtcd: true }, (outside, clear) =>
      defragmentMember(new NodeDisk(), request, { ...outside, ...logged(call, clear) }),
    );
  } catch (cause) {
    if (!(cause instanceof CommandFailure)) throw cause;
    const text = `Failed to defragment etcd data[${dataDir}] (${cause.message})`;
    throw new CommandFailure(ExitCode.error, text, { cause });
  }
  return ExitCode.success;
}

/** The lines that etcdutl logs at the begin and the end. */
function logged({ terminal }: Call, clear: () => void): Pick<DefragmentOutside, "begun" | "done"> {
  const start = process.hrtime.bigint();
  return {
    begun: (path, bytes) => {
      logToConsole(terminal, `${CALLER}:532`, "defragmenting", [
        ["path", path],
        ["current-db-size-bytes", bytes],
        ["current-db-size", formatSize(bytes)],
      ]);
    },
    done: (path, bytesBefore, bytes) => {
      clear();
      logToConsole(terminal, `${CALLER}:602`, "finished defragmenting directory", [
        ["path", path],
        ["current-db-size-bytes-diff", bytes - bytesBefore],
        ["current-db-size-bytes", bytes],
        ["current-db-size", formatSize(bytes)],
        ["took", formatGoDuration(process.hrtime.bigint() - start)],
      ]);
    },
  };
}
