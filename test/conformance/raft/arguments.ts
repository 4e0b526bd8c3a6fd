// SPDX-License-Identifier: Apache-2.0

import { type Argument, type Directive, ScriptError } from "../../harness/datadriven.ts";

/** An error that belongs to the expected output of a case. */
export class DirectiveError extends Error {
  override readonly name = "DirectiveError";
}

export function fail(directive: Directive, what: string): never {
  throw new ScriptError(`line ${directive.line}: ${directive.command}: ${what}`);
}

export function parseNumber(text: string): number {
  if (!/^\d+$/u.test(text)) throw new ScriptError(`not a number: "${text}"`);
  return Number(text);
}

export function parseId(text: string): bigint {
  return BigInt(parseNumber(text));
}

const TRUE_WORDS: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE_WORDS: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

export function parseBoolean(text: string): boolean {
  if (TRUE_WORDS.has(text)) return true;
  if (FALSE_WORDS.has(text)) return false;
  throw new ScriptError(`not a boolean: "${text}"`);
}

/** The one value of an argument. */
export function single(argument: Argument): string {
  const [value, ...others] = argument.values;
  if (value === undefined || others.length > 0) {
    throw new ScriptError(`${argument.key} needs exactly one value`);
  }
  return value;
}

/** The positional arguments; the others must have one of the given keys, each at most once. */
export function split(
  directive: Directive,
  keys: readonly string[],
): { positional: string[]; named: Map<string, Argument> } {
  const positional: string[] = [];
  const named = new Map<string, Argument>();
  for (const argument of directive.args) {
    if (argument.values.length === 0) positional.push(argument.key);
    else if (!keys.includes(argument.key)) fail(directive, `unknown argument ${argument.key}`);
    else if (named.has(argument.key)) fail(directive, `${argument.key} is given twice`);
    else named.set(argument.key, argument);
  }
  return { positional, named };
}

/** The positional arguments as identities, so many of them if `count` is given. */
export function idsOf(directive: Directive, count?: number): bigint[] {
  const { positional } = split(directive, []);
  if (count !== undefined && positional.length !== count) {
    fail(directive, `expected ${count} arguments, not ${positional.length}`);
  }
  return positional.map(parseId);
}

export function onlyId(directive: Directive): bigint {
  const [id] = idsOf(directive, 1);
  return id ?? fail(directive, "expected a node");
}
