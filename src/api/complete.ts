// SPDX-License-Identifier: Apache-2.0

/** Lays the given fields over a message of zero values. */
export function complete<T extends object>(message: T, init: Partial<T>): T {
  for (const key of Object.keys(init) as (keyof T)[]) {
    const value = init[key];
    if (value !== undefined) message[key] = value;
  }
  return message;
}
