// SPDX-License-Identifier: Apache-2.0

/** Certificates and checks of a TLS connection; PEM bytes. */
export interface TlsOptions {
  readonly authorities?: Uint8Array;
  readonly certificate?: Uint8Array;
  readonly key?: Uint8Array;
  /** Takes any server certificate. */
  readonly insecureSkipVerify?: boolean;
}

/** A failed attempt of a call, before it is repeated or given up. */
export interface AttemptFailure {
  /** First endpoint of the client. */
  readonly target: string;
  readonly method: string;
  /** From 0. */
  readonly attempt: number;
  /** `rpc error: code = ... desc = ...`. */
  readonly error: string;
  /** Addresses of the connection that was used; undefined when there was none. */
  readonly peer:
    | { readonly remote: string; readonly local: string; readonly secure: boolean }
    | undefined;
}

/** How a client reaches a cluster. Times in milliseconds, sizes in bytes. */
export interface ClientOptions {
  /** `host:port`, with a scheme http, https, unix or unixs if need be. At least one. */
  readonly endpoints: readonly string[];
  readonly dialTimeoutMs?: number;
  readonly keepaliveTimeMs?: number;
  readonly keepaliveTimeoutMs?: number;
  readonly sendBytesMax?: number;
  readonly receiveBytesMax?: number;
  /** With TLS options every endpoint without a scheme is reached by TLS. */
  readonly tls?: TlsOptions;
  /** Told about every attempt that failed. */
  readonly onAttemptFailure?: (failure: AttemptFailure) => void;
}

/** When a call ends at the latest. */
export interface CallOptions {
  /** Milliseconds since the epoch; without it the call waits for ever. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: Readonly<Record<string, string>>;
}

export const SEND_BYTES_MAX_DEFAULT = 2 * 1024 * 1024;
export const RECEIVE_BYTES_MAX_DEFAULT = 2 ** 31 - 1;

export const RECONNECT_BACKOFF_MIN_MS = 250;
export const RECONNECT_BACKOFF_MAX_MS = 3000;
// Go's gRPC library raises shorter ping intervals to this.
export const KEEPALIVE_TIME_MIN_MS = 10_000;
export const KEEPALIVE_TIMEOUT_DEFAULT_MS = 20_000;
