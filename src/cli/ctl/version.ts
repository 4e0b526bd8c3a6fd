// SPDX-License-Identifier: Apache-2.0

import { API_VERSION, ETCD_VERSION } from "../../api/versions.ts";
import type { Call } from "../command.ts";
import { ExitCode } from "../exit-code.ts";

export async function version({ terminal, program }: Call): Promise<number> {
  terminal.out(`${program.name} version: ${ETCD_VERSION}\nAPI version: ${API_VERSION}\n`);
  return ExitCode.success;
}
