// SPDX-License-Identifier: Apache-2.0

/** A cryptographic hash in the making. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** The finished value; the digest takes nothing more afterwards. */
  finish(): Uint8Array;
}

export type CreateDigest = () => Digest;
