// SPDX-License-Identifier: Apache-2.0

import type { Backend, Existence, Table } from "../core/backend/index.ts";
import type { StagedRows } from "./staged-rows.ts";

const STAGED: ReadonlyMap<Table, number> = new Map([
  ["head", 0],
  ["grave", 1],
]);
const TABLES: readonly Table[] = [...STAGED.keys()];

type Member = PropertyKey;

/**
 * A backend that is being filled, with the two great tables of the key index staged: their rows
 * come in the order of revisions and are read by key only, until `drainStaged` puts each once, in
 * the order of keys. Everything else is the backend's below.
 */
export function stagedBackend(below: Backend, rows: StagedRows): Backend {
  const members = new Map<Member, unknown>(Object.entries(new StagedMembers(below, rows).members));
  return new Proxy(below, {
    get: (target, name) => {
      if (name === "putBuffer") return rows.isOpen ? rows.buffer : target.putBuffer;
      const known = members.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const bound: unknown = value.bind(target);
      members.set(name, bound);
      return bound;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** Puts what was staged into the backend; `pause` is called after each row. */
export async function drainStaged(
  rows: StagedRows,
  below: Backend,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  for (const { table, key, value } of rows.drain()) {
    below.put(TABLES[table] ?? "head", key, value, "absent");
    const paused = pause();
    if (paused !== undefined) await paused;
  }
}

/** What differs for staged tables. */
class StagedMembers {
  readonly members: Pick<Backend, "get" | "getCopy" | "put" | "beginPut" | "endPut" | "delete">;

  constructor(below: Backend, rows: StagedRows) {
    const get = (table: Table, key: Uint8Array): Uint8Array | undefined => {
      const staged = STAGED.get(table);
      return staged === undefined ? below.get(table, key) : rows.get(staged, key);
    };
    const beginPut = (table: Table, key: Uint8Array, valueBytesMax: number): number => {
      const staged = STAGED.get(table);
      if (staged === undefined) return below.beginPut(table, key, valueBytesMax);
      return rows.begin(staged, key, valueBytesMax);
    };
    const endPut = (valueEnd: number, existence: Existence): void => {
      if (rows.isOpen) rows.end(valueEnd);
      else below.endPut(valueEnd, existence);
    };
    this.members = {
      get,
      getCopy: (table, key) => {
        const lent = get(table, key);
        return lent === undefined ? undefined : Uint8Array.prototype.slice.call(lent);
      },
      put: (table, key, value, existence = "unknown") => {
        const at = beginPut(table, key, value.length);
        (rows.isOpen ? rows.buffer : below.putBuffer).set(value, at);
        endPut(at + value.length, existence);
      },
      beginPut,
      endPut,
      delete: (table, key, existence) => {
        const staged = STAGED.get(table);
        if (staged === undefined) below.delete(table, key, existence);
        else rows.delete(staged, key);
      },
    };
  }
}
