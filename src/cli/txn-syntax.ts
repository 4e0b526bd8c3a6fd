// SPDX-License-Identifier: Apache-2.0

import {
  type Compare,
  Compare_CompareResult as CompareResult,
  Compare_CompareTarget as CompareTarget,
} from "../api/gen/etcdserverpb.ts";
import type { Init } from "../api/message-codec.ts";
import { type ByteText, encodeText } from "../base/byte-text.ts";
import { parseGoInt64 } from "../base/go-number.ts";
import { goQuote, goUnquote } from "../base/go-quote.ts";
import { CommandFailure, ExitCode } from "./exit-code.ts";
import { toCounter } from "./flag.ts";

type Target = "version" | "create" | "mod" | "value" | "lease";

const targets: Readonly<Record<string, Target>> = {
  ver: "version",
  version: "version",
  c: "create",
  create: "create",
  m: "mod",
  mod: "mod",
  val: "value",
  value: "value",
  lease: "lease",
};

const results: Readonly<Record<string, number>> = {
  "=": CompareResult.EQUAL,
  "!=": CompareResult.NOT_EQUAL,
  ">": CompareResult.GREATER,
  "<": CompareResult.LESS,
};

/**
 * Reads a compare, `target("key") operator "value"`. Numbers are decimal; a lease is in hex, as
 * everywhere on the command line. Two inputs that make etcdctl 3.7.1 panic are a compare of a
 * lease, which works here, and an unknown operator, which is refused here.
 * @throws {CommandFailure} for anything else, with the text etcdctl has for it
 */
export function parseCompare(line: ByteText): Init<Compare> {
  const [targetText = "", rest] = splitOnce(line, "(");
  if (rest === undefined) throw invalidInput(`malformed comparison: ${line}`);
  const scan = scanCompare(rest);
  if (!scan.complete) {
    const got = `${targetText}(${goQuote(scan.key)}) ${scan.operator} ${goQuote(scan.value)}`;
    throw invalidInput(`malformed comparison: ${line}; got ${got}`);
  }
  const target = Object.hasOwn(targets, targetText) ? targets[targetText] : undefined;
  if (target === undefined) {
    throw invalidInput(`malformed comparison: ${line} (unknown target ${targetText})`);
  }
  const operand = compareOperand(target, scan.value);
  if (operand === undefined) throw invalidInput(`invalid txn compare request: ${line}`);
  const result = Object.hasOwn(results, scan.operator) ? results[scan.operator] : undefined;
  if (result === undefined) {
    throw invalidInput(`malformed comparison: ${line} (unknown operator ${scan.operator})`);
  }
  return { ...operand, result, key: encodeText(scan.key) };
}

export function invalidInput(message: string): CommandFailure {
  return new CommandFailure(ExitCode.invalidInput, message);
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

/** What could be read of `"key") operator "value"`; the rest stays empty. */
interface CompareScan {
  readonly complete: boolean;
  readonly key: ByteText;
  readonly operator: string;
  readonly value: ByteText;
}

function scanCompare(text: ByteText): CompareScan {
  const nothing = { complete: false, key: "", operator: "", value: "" };
  const key = scanQuoted(text);
  if (key === undefined) return nothing;
  // The closing bracket follows at once; white space must stand before the operator and may be
  // missing nowhere.
  const operator = /^\)[ \t]+(\S+)/.exec(key.rest);
  if (operator === null) return { ...nothing, key: key.value };
  const [whole, operatorText = ""] = operator;
  const found = { ...nothing, key: key.value, operator: operatorText };
  const value = scanQuoted(key.rest.slice(whole.length));
  return value === undefined ? found : { ...found, complete: true, value: value.value };
}

interface Quoted {
  readonly value: ByteText;
  readonly rest: ByteText;
}

/** A Go string literal at the beginning, white space before it skipped. */
function scanQuoted(text: ByteText): Quoted | undefined {
  const literal = /^\s*("(?:[^\\"]|\\.)*"|`[^`]*`)/s.exec(text);
  if (literal === null) return undefined;
  const [whole, token = ""] = literal;
  const value = goUnquote(token);
  return value === undefined ? undefined : { value, rest: text.slice(whole.length) };
}

function compareOperand(target: Target, text: ByteText): Init<Compare> | undefined {
  if (target === "value") return { target: CompareTarget.VALUE, value: encodeText(text) };
  const number = parseGoInt64(text, target === "lease" ? 16 : 10);
  if (!number.ok) return undefined;
  const counter = toCounter(number.value);
  switch (target) {
    case "version":
      return { target: CompareTarget.VERSION, version: counter };
    case "create":
      return { target: CompareTarget.CREATE, createRevision: counter };
    case "mod":
      return { target: CompareTarget.MOD, modRevision: counter };
    case "lease":
      return { target: CompareTarget.LEASE, lease: number.value };
  }
}
