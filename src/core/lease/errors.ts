// SPDX-License-Identifier: Apache-2.0

/** Why a request about a lease changed nothing. */
export type LeaseRefusal = "leaseNotFound" | "leaseExists" | "leaseTtlTooLarge";
