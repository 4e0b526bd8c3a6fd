// SPDX-License-Identifier: Apache-2.0
/**
 * Alarms: what the whole cluster agrees is wrong with one of its members. NOSPACE says that a
 * member's store has outgrown its quota, CORRUPT that its data differ from those of the others.
 *
 * An alarm is a member and a type; its row in the table `alarm` is the encoded `AlarmMember` as
 * key with an empty value (formats-db E), the same on every member. Any member ID is taken, one
 * that is no member too: 0 stands for the cluster. Alarms stay until somebody takes them away, also
 * over restarts and when their cause is gone.
 *
 * Invariants: a pair of member and type is there once; the set in memory is that of the rows.
 *
 * Left to others: what an alarm forbids and when one is raised (`core/apply`), and who proposes it
 * (`server`).
 */
export { type Alarm, AlarmSet, type AlarmSetOptions } from "./alarm-set.ts";
