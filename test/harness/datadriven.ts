// SPDX-License-Identifier: Apache-2.0
// Scripted scenarios: text files of cases, each a directive with its expected output.
//
//   # a comment
//   directive argument key=value key=(value, value)
//   input lines
//   ----
//   expected output
//   <blank line>
//
// A directive line that ends in a backslash goes on in the next line. Output that contains blank
// lines stands between two "----" lines at its start and two at its end. State is kept through a
// file; a case that fails ends it, since what follows would only repeat the failure.

/** An argument: `key`, `key=value` or `key=(value, value)`. A positional one is a bare key. */
export interface Argument {
  readonly key: string;
  readonly values: readonly string[];
}

export interface Directive {
  readonly command: string;
  readonly args: readonly Argument[];
  readonly input: string;
  /** Counts from 1. */
  readonly line: number;
}

export interface Case extends Directive {
  /** Verbatim, every line ended by a newline. */
  readonly expected: string;
  /** The range of lines (counted from 0, half-open) of output, with its separators. */
  readonly outputLines: readonly [number, number];
}

/** A file that does not have the form above. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

const SEPARATOR = "----";

/** Reads the cases of a file. */
export function parseScript(text: string): Case[] {
  const lines = text.split("\n");
  // A text that ends in a newline does not have another, empty line.
  if (lines.at(-1) === "") lines.pop();
  const cases: Case[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = (lines[at] ?? "").trim();
    if (line === "" || line.startsWith("#")) at++;
    else {
      const parsed = parseCase(lines, at);
      cases.push(parsed);
      at = parsed.outputLines[1];
    }
  }
  return cases;
}

function parseCase(lines: readonly string[], start: number): Case {
  let at = start;
  let directive = (lines[at++] ?? "").trim();
  while (directive.endsWith("\\") && at < lines.length) {
    directive = `${directive.slice(0, -1).trim()} ${(lines[at++] ?? "").trim()}`;
  }
  const inputStart = at;
  while (at < lines.length && lines[at] !== SEPARATOR) at++;
  if (at === lines.length) {
    throw new ScriptError(`line ${start + 1}: no ${SEPARATOR} after "${directive}"`);
  }
  const input = lines.slice(inputStart, at).join("\n").trim();
  const end = outputEnd(lines, at);
  const isFenced = lines[at + 1] === SEPARATOR;
  const output = isFenced ? lines.slice(at + 2, end - 2) : lines.slice(at + 1, end);
  const expected = output.map((line) => `${line}\n`).join("");
  const { command, args } = parseDirective(directive);
  return { command, args, input, line: start + 1, expected, outputLines: [at, end] };
}

/** The line after the output whose separator is at `separator`. */
function outputEnd(lines: readonly string[], separator: number): number {
  if (lines[separator + 1] !== SEPARATOR) {
    let end = separator + 1;
    while (end < lines.length && lines[end]?.trim() !== "") end++;
    return end;
  }
  for (let end = separator + 2; end + 1 < lines.length; end++) {
    if (lines[end] === SEPARATOR && lines[end + 1] === SEPARATOR) return end + 2;
  }
  throw new ScriptError(`line ${separator + 1}: the output has no end`);
}

/** Takes a directive line apart. Quotes mean nothing. */
export function parseDirective(text: string): Pick<Directive, "command" | "args"> {
  const words = splitWords(text);
  const command = words.shift() ?? "";
  return { command, args: words.map(parseArgument) };
}

/** Splits at blanks outside parentheses. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth < 0) throw new ScriptError(`unbalanced parentheses: ${text}`);
    if (depth === 0 && /\s/u.test(character)) {
      if (word !== "") words.push(word);
      word = "";
    } else word += character;
  }
  if (depth !== 0) throw new ScriptError(`unbalanced parentheses: ${text}`);
  return word === "" ? words : [...words, word];
}

function parseArgument(word: string): Argument {
  const equals = word.indexOf("=");
  if (equals < 0) return { key: word, values: [] };
  const key = word.slice(0, equals);
  const value = word.slice(equals + 1);
  if (!value.startsWith("(") || !value.endsWith(")")) return { key, values: [value] };
  return { key, values: splitValues(value.slice(1, -1)) };
}

/** Splits at commas outside nested parentheses; blanks around a value are dropped. */
function splitValues(text: string): string[] {
  const values: string[] = [];
  let value = "";
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) {
      values.push(value.trim());
      value = "";
    } else value += character;
  }
  return [...values, value.trim()];
}

/** Answers a directive with its output; what it throws fails the case. */
export type Handler = (directive: Directive) => string;

export interface CaseFailure {
  readonly line: number;
  readonly directive: string;
  readonly expected: string;
  readonly actual: string;
}

export interface ScriptResult {
  readonly passed: number;
  readonly failure: CaseFailure | undefined;
  /** Cases after the failure, which were not run. */
  readonly notRun: number;
}

/** Runs the cases in order, up to the first that fails. */
export function runScript(cases: readonly Case[], handler: Handler): ScriptResult {
  for (const [i, { expected, ...directive }] of cases.entries()) {
    const actual = withNewline(outputOf(handler, directive));
    if (actual === expected) continue;
    const failure = { line: directive.line, directive: directive.command, expected, actual };
    return { passed: i, failure, notRun: cases.length - i - 1 };
  }
  return { passed: cases.length, failure: undefined, notRun: 0 };
}

function outputOf(handler: Handler, directive: Directive): string {
  try {
    return handler(directive);
  } catch (error) {
    // The text becomes the case's output, and so its failure: no script expects it.
    return `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** The text with every expected output replaced by what the handler answers. */
export function rewriteScript(text: string, handler: Handler): string {
  const lines = text.split("\n");
  const result: string[] = [];
  let at = 0;
  for (const { outputLines, expected: _expected, ...directive } of parseScript(text)) {
    const output = withNewline(handler(directive)).slice(0, -1).split("\n");
    if (output.includes(SEPARATOR)) {
      throw new ScriptError(`line ${directive.line}: output that is a separator cannot be written`);
    }
    const needsFence = output.some((line) => line.trim() === "");
    const fence = needsFence ? [SEPARATOR, SEPARATOR] : [];
    result.push(...lines.slice(at, outputLines[0]), SEPARATOR, ...fence.slice(1));
    result.push(...output, ...fence);
    at = outputLines[1];
  }
  return [...result, ...lines.slice(at)].join("\n");
}
