// SPDX-License-Identifier: Apache-2.0

/** Whether this machine keeps the lowest byte of a number first. */
export const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
