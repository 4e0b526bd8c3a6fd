// SPDX-License-Identifier: Apache-2.0

import { parseGoInt64 } from "../../base/go-number.ts";
import { RpcError } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";

/**
 * The one argument of a command about a lease.
 * @param missing what is said when there is none, or more than one
 * @throws {CommandFailure}
 */
export function leaseArgument({ positional }: Call, missing: string): bigint {
  const [word] = positional;
  if (word === undefined || positional.length !== 1) {
    throw new CommandFailure(ExitCode.badArguments, missing);
  }
  const id = parseGoInt64(word, 16);
  if (id.ok) return id.value;
  const text = `bad lease ID arg (${id.error}), expecting ID in Hex`;
  throw new CommandFailure(ExitCode.badArguments, text);
}

/**
 * Waits for a call and words its failure in the command's own way.
 * @throws {CommandFailure}
 */
export async function orFail<T>(
  answer: Promise<T>,
  exitCode: number,
  text: (message: string) => string,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw new CommandFailure(exitCode, text(error.message), { cause: error });
  }
}
