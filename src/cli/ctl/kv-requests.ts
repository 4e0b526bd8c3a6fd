// SPDX-License-Identifier: Apache-2.0

import {
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { type ByteText, encodeText } from "../../base/byte-text.ts";
import { parseGoInt64 } from "../../base/go-number.ts";
import { goQuote } from "../../base/go-quote.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { FlagValues } from "../flag.ts";
import { fromKeyRange, type KeyRange, prefixRange } from "../key-range.ts";

/** Flags and words of a put, get or del, be it a command or a line of a transaction. */
export interface KvWords {
  readonly values: FlagValues;
  readonly positional: readonly ByteText[];
}

function badArguments(message: string): CommandFailure {
  return new CommandFailure(ExitCode.badArguments, message);
}

function badFeature(message: string): CommandFailure {
  return new CommandFailure(ExitCode.badFeature, message);
}

/** @throws {CommandFailure} for arguments that do not fit together */
export function rangeRequest({ values, positional }: KvWords): Init<RangeRequest> {
  const [key] = positional;
  if (key === undefined) {
    throw badArguments(
      "get command needs one argument as key and an optional argument as range_end",
    );
  }
  refuseBothRanges(values);
  if (values.bool("keys-only") && values.bool("count-only")) {
    throw badArguments(
      "`--keys-only` and `--count-only` cannot be set at the same time, choose one",
    );
  }
  const consistency = values.text("consistency");
  if (consistency !== "l" && consistency !== "s") {
    throw badFeature(`unknown consistency flag ${goQuote(consistency)}`);
  }
  return {
    ...keyRange({ values, positional }),
    ...sorting(values),
    ...revisionBounds(values),
    serializable: consistency === "s",
    limit: values.counter("limit"),
    revision: Math.max(values.counter("rev"), 0),
    keysOnly: values.bool("keys-only"),
    countOnly: values.bool("count-only"),
  };
}

function refuseBothRanges(values: FlagValues): void {
  if (!values.bool("prefix") || !values.bool("from-key")) return;
  throw badArguments("`--prefix` and `--from-key` cannot be set at the same time, choose one");
}

function keyRange({ values, positional }: KvWords): KeyRange {
  const [key = "", rangeEnd] = positional;
  const [prefix, fromKey] = [values.bool("prefix"), values.bool("from-key")];
  if (rangeEnd !== undefined && (prefix || fromKey)) {
    throw badArguments(
      "too many arguments, only accept one argument when `--prefix` or `--from-key` is set",
    );
  }
  if (prefix) return prefixRange(key);
  if (fromKey) return fromKeyRange(key);
  const end = rangeEnd === undefined ? {} : { rangeEnd: encodeText(rangeEnd) };
  return { key: encodeText(key), ...end };
}

const sortOrders: Readonly<Record<string, number>> = {
  "": SortOrder.NONE,
  ASCEND: SortOrder.ASCEND,
  DESCEND: SortOrder.DESCEND,
};

const sortTargets: Readonly<Record<string, number>> = {
  "": SortTarget.KEY,
  CREATE: SortTarget.CREATE,
  KEY: SortTarget.KEY,
  MODIFY: SortTarget.MOD,
  VALUE: SortTarget.VALUE,
  VERSION: SortTarget.VERSION,
};

function sorting(values: FlagValues): Init<RangeRequest> {
  const sortOrder = sortOrders[values.text("order").toUpperCase()];
  if (sortOrder === undefined) throw badFeature(`bad sort order ${values.text("order")}`);
  const sortTarget = sortTargets[values.text("sort-by").toUpperCase()];
  if (sortTarget === undefined) throw badFeature(`bad sort target ${values.text("sort-by")}`);
  // Keys come in ascending order anyway: etcd's client does not ask for it.
  const natural = sortTarget === SortTarget.KEY && sortOrder === SortOrder.ASCEND;
  return { sortOrder: natural ? SortOrder.NONE : sortOrder, sortTarget };
}

function revisionBounds(values: FlagValues): Init<RangeRequest> {
  refuseEmptyBounds("Create", values.bigint("min-create-rev"), values.bigint("max-create-rev"));
  refuseEmptyBounds("Mod", values.bigint("min-mod-rev"), values.bigint("max-mod-rev"));
  return {
    minCreateRevision: revisionBound(values, "min-create-rev"),
    maxCreateRevision: revisionBound(values, "max-create-rev"),
    minModRevision: revisionBound(values, "min-mod-rev"),
    maxModRevision: revisionBound(values, "max-mod-rev"),
  };
}

/** Below zero there is no bound, as without the flag. */
function revisionBound(values: FlagValues, name: string): number {
  return Math.max(values.counter(name), 0);
}

function refuseEmptyBounds(name: "Create" | "Mod", least: bigint, most: bigint): void {
  if (most <= 0n || least <= most) return;
  throw badFeature(`getMin${name}Rev(=${least}) > getMax${name}Rev(=${most})`);
}

const PUT_ARGUMENTS = "put command needs 1 argument and input from stdin or 2 arguments";

/**
 * @param readValue the value when no word gives it
 * @throws {CommandFailure} for arguments that do not fit together
 */
export function putRequest(
  { values, positional }: KvWords,
  readValue: () => Uint8Array,
): Init<PutRequest> {
  const [key, word] = positional;
  if (key === undefined) throw badArguments(PUT_ARGUMENTS);
  const ignoreValue = values.bool("ignore-value");
  if (ignoreValue && word !== undefined) {
    throw badArguments("put command needs only 1 argument when 'ignore-value' is set");
  }
  const value = ignoreValue ? new Uint8Array(0) : putValue(word, readValue);
  const lease = parseGoInt64(values.text("lease"), 16);
  if (!lease.ok) throw badArguments(`bad lease ID (${lease.error}), expecting ID in Hex`);
  return {
    key: encodeText(key),
    value,
    lease: lease.value,
    prevKv: values.bool("prev-kv"),
    ignoreValue,
    ignoreLease: values.bool("ignore-lease"),
  };
}

function putValue(word: ByteText | undefined, readValue: () => Uint8Array): Uint8Array {
  if (word !== undefined) return encodeText(word);
  const value = readValue();
  if (value.length === 0) throw badArguments(PUT_ARGUMENTS);
  return value;
}

/** A delete, and whether it takes a range that nobody has confirmed. */
export interface Deletion {
  readonly request: Init<DeleteRangeRequest>;
  /** Printed before a wait in which the user can change their mind; empty if there is none. */
  readonly warning: string;
}

/** @throws {CommandFailure} for arguments that do not fit together */
export function deletion({ values, positional }: KvWords): Deletion {
  const [key, rangeEnd] = positional;
  if (key === undefined || positional.length > 2) {
    throw badArguments(
      "del command needs one argument as key and an optional argument as range_end",
    );
  }
  refuseBothRanges(values);
  const request = { ...keyRange({ values, positional }), prevKv: values.bool("prev-kv") };
  const unconfirmed = rangeEnd !== undefined && !values.bool("range");
  return { request, warning: unconfirmed ? rangeWarning(key, rangeEnd) : "" };
}

export const RANGE_WARNING_MS = 2000;

function rangeWarning(key: ByteText, rangeEnd: ByteText): string {
  return (
    `Warning: Keys between ${goQuote(key)} and ${goQuote(rangeEnd)} will be deleted. ` +
    "Please interrupt the command within next 2 seconds to cancel. " +
    "You can provide `--range` flag to avoid the delay.\n"
  );
}
