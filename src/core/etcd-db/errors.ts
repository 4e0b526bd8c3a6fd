// SPDX-License-Identifier: Apache-2.0

/** A database whose pages are sound, with something in a bucket that etcd cannot have put there. */
export class EtcdDbError extends Error {
  override readonly name = "EtcdDbError";
  readonly file: string;
  readonly bucket: string;
  readonly problem: string;

  constructor(file: string, bucket: string, problem: string, options?: ErrorOptions) {
    super(`etcd-db: ${file}: bucket ${bucket}: ${problem}`, options);
    this.file = file;
    this.bucket = bucket;
    this.problem = problem;
  }
}
