// SPDX-License-Identifier: Apache-2.0

import { AlarmMember, AlarmType } from "../../api/gen/etcdserverpb.ts";
import type { Backend } from "../backend/index.ts";

const NOTHING: Uint8Array = new Uint8Array(0);

/** What is wrong with which member. */
export interface Alarm {
  readonly memberID: bigint;
  readonly alarm: AlarmType;
}

export interface AlarmSetOptions {
  /** An alarm was raised, or taken away again, by an entry of the log. */
  readonly changed?: (alarm: Alarm, isActive: boolean) => void;
}

/**
 * The active alarms of the whole cluster, in the order in which they were raised. Their number is
 * that of the log's requests to raise one: nothing but the size of the store bounds it, as in etcd.
 */
export class AlarmSet {
  readonly #backend: Backend;
  readonly #changed: ((alarm: Alarm, isActive: boolean) => void) | undefined;
  readonly #alarms = new Map<string, Alarm>();
  readonly #counts = new Map<AlarmType, number>();

  constructor(backend: Backend, options: AlarmSetOptions = {}) {
    this.#backend = backend;
    this.#changed = options.changed;
    backend.forEach("alarm", (key) => {
      const { memberID, alarm } = AlarmMember.decode(key);
      this.#add({ memberID, alarm });
    });
  }

  get size(): number {
    return this.#alarms.size;
  }

  /** Those of one type, or all of them for `AlarmType.NONE`. */
  list(type: AlarmType = AlarmType.NONE): readonly Alarm[] {
    const all = [...this.#alarms.values()];
    return type === AlarmType.NONE ? all : all.filter(({ alarm }) => alarm === type);
  }

  isActive(type: AlarmType): boolean {
    return (this.#counts.get(type) ?? 0) > 0;
  }

  has(memberID: bigint, type: AlarmType): boolean {
    return this.#alarms.has(nameOf(memberID, type));
  }

  /** Raises an alarm, unless it is there; gives it. */
  activate(memberID: bigint, type: AlarmType): Alarm {
    const existing = this.#alarms.get(nameOf(memberID, type));
    if (existing !== undefined) return existing;
    const alarm = { memberID, alarm: type };
    this.#backend.put("alarm", AlarmMember.encode(alarm), NOTHING);
    this.#add(alarm);
    this.#changed?.(alarm, true);
    return alarm;
  }

  /** Takes an alarm away and gives it; undefined when there was none. */
  deactivate(memberID: bigint, type: AlarmType): Alarm | undefined {
    const name = nameOf(memberID, type);
    const existing = this.#alarms.get(name);
    if (existing === undefined) return undefined;
    this.#backend.delete("alarm", AlarmMember.encode(existing));
    this.#alarms.delete(name);
    this.#counts.set(type, (this.#counts.get(type) ?? 0) - 1);
    this.#changed?.(existing, false);
    return existing;
  }

  #add(alarm: Alarm): void {
    this.#alarms.set(nameOf(alarm.memberID, alarm.alarm), alarm);
    this.#counts.set(alarm.alarm, (this.#counts.get(alarm.alarm) ?? 0) + 1);
  }
}

function nameOf(memberID: bigint, type: AlarmType): string {
  return `${memberID}/${type}`;
}
