// SPDX-License-Identifier: Apache-2.0

import { callTarget } from "./call-target.ts";
import { H2Target } from "./h2-target.ts";
import { HpackTarget } from "./hpack-target.ts";
import { MessageTarget } from "./message-target.ts";
import type { FuzzTargetFactory } from "./target.ts";

const nothing = async (): Promise<void> => {};

/** All targets by name. */
export const fuzzTargets: ReadonlyMap<string, FuzzTargetFactory> = new Map<
  string,
  FuzzTargetFactory
>([
  ["h2", async () => ({ target: new H2Target(), close: nothing })],
  ["hpack", async () => ({ target: new HpackTarget(), close: nothing })],
  ["messages", async () => ({ target: new MessageTarget(), close: nothing })],
  ["calls", callTarget],
]);
