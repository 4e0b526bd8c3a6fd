// SPDX-License-Identifier: Apache-2.0

import type { WatchCreateRequest } from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { encodeText } from "../../base/byte-text.ts";
import type { CallOptions } from "../../client/index.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { FlagValues } from "../flag.ts";
import { prefixRange } from "../key-range.ts";
import type { WatchWords } from "../watch-words.ts";

/** Lets a watch end when its member loses the leader. */
export const WANTS_LEADER: CallOptions = { metadata: { hasleader: "true" } };

/** @throws {CommandFailure} for flags and words that do not fit together */
export function watchRequest(values: FlagValues, words: WatchWords): Init<WatchCreateRequest> {
  return {
    ...watchRange(words, values.bool("prefix")),
    startRevision: values.counter("rev"),
    prevKv: values.bool("prev-kv"),
    progressNotify: values.bool("progress-notify"),
  };
}

function watchRange(words: WatchWords, prefix: boolean): Init<WatchCreateRequest> {
  if (prefix) {
    if (words.rangeEnd !== undefined) {
      const text = "`range_end` and `--prefix` are mutually exclusive";
      throw new CommandFailure(ExitCode.badArguments, text);
    }
    return prefixRange(words.key);
  }
  const key = encodeText(words.key);
  // An empty key alone means the first possible key: the server takes no empty one.
  const rangeEnd = words.rangeEnd === undefined ? undefined : encodeText(words.rangeEnd);
  return { key: key.length === 0 ? Uint8Array.of(0) : key, rangeEnd };
}
