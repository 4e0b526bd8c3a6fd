// SPDX-License-Identifier: Apache-2.0

import type { Parsed } from "../base/go-number.ts";

/** Splits one line of comma separated values; fields may be quoted, a doubled quote is a quote. */
export function parseCommaList(text: string): Parsed<readonly string[]> {
  if (text === "") return { ok: true, value: [] };
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    const field = text[position] === '"' ? quotedField(text, position) : plainField(text, position);
    if (!field.ok) return field;
    fields.push(field.value.text);
    position = field.value.end;
    if (position >= text.length) return { ok: true, value: fields };
    position++;
  }
}

type Field = Parsed<{ readonly text: string; readonly end: number }>;

function plainField(text: string, start: number): Field {
  const comma = text.indexOf(",", start);
  const end = comma === -1 ? text.length : comma;
  const field = text.slice(start, end);
  const quote = field.indexOf('"');
  if (quote !== -1) return failAt(text, start + quote, 'bare " in non-quoted-field');
  return { ok: true, value: { text: field, end } };
}

function quotedField(text: string, start: number): Field {
  let field = "";
  let position = start + 1;
  for (;;) {
    const quote = text.indexOf('"', position);
    const problem = 'extraneous or missing " in quoted-field';
    if (quote === -1) return failAt(text, text.length, problem);
    field += text.slice(position, quote);
    const next = text[quote + 1];
    if (next === undefined || next === ",")
      return { ok: true, value: { text: field, end: quote + 1 } };
    if (next !== '"') return failAt(text, quote, problem);
    field += '"';
    position = quote + 2;
  }
}

function failAt(text: string, index: number, problem: string): Field {
  const column = Buffer.byteLength(text.slice(0, index)) + 1;
  return { ok: false, error: `parse error on line 1, column ${column}: ${problem}` };
}
