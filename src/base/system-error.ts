// SPDX-License-Identifier: Apache-2.0

import { errorText } from "./error-text.ts";

/** What Linux says of its errors, which is what Go prints; Node has words of its own for some. */
const TEXTS: Readonly<Record<string, string>> = {
  E2BIG: "argument list too long",
  EACCES: "permission denied",
  EAGAIN: "resource temporarily unavailable",
  EBADF: "bad file descriptor",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EDQUOT: "disk quota exceeded",
  EEXIST: "file exists",
  EHOSTUNREACH: "no route to host",
  EIO: "input/output error",
  EISDIR: "is a directory",
  ELOOP: "too many levels of symbolic links",
  ENAMETOOLONG: "file name too long",
  ENETUNREACH: "network is unreachable",
  ENOENT: "no such file or directory",
  ENOEXEC: "exec format error",
  ENOMEM: "cannot allocate memory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
  ETIMEDOUT: "connection timed out",
};

/** The system's words for an error by its name, such as `ENOENT`; undefined for other names. */
export function systemText(code: string | undefined): string | undefined {
  return code === undefined ? undefined : TEXTS[code];
}

/** The name that an error of Node or of the system has. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The system's words for what was thrown; the error's own where the system has none. */
export function systemErrorText(error: unknown): string {
  return systemText(errorCode(error)) ?? errorText(error);
}
