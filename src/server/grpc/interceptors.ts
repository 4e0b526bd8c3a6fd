// SPDX-License-Identifier: Apache-2.0

import { type RpcError, rpcErrors } from "../../api/rpc-errors.ts";
import type { CallInfo, Method, UnaryHandler } from "../h2/index.ts";
import { malformedRequest } from "./malformed.ts";
import type { Methods, UnaryMethods } from "./service.ts";
import type { SlowRequests } from "./slow-requests.ts";
import { TimedCall } from "./timed-call.ts";

/** What must hold before any handler runs. */
export interface CallChecks {
  readonly hasLeader: () => boolean;
}

/**
 * Puts what every unary call goes through in front of the handlers: the client's API version has
 * to be text, a call that wants a leader needs one, and bytes that are not the request's message
 * end the call with gRPC's own words.
 */
export function guarded(methods: UnaryMethods, checks: CallChecks): Methods {
  const result = new Map<string, Method>();
  for (const [path, handler] of methods) {
    result.set(path, { kind: "unary", handler: guard(handler, checks) });
  }
  return result;
}

/** Has slow calls warned about, for services that do not do so themselves. */
export function timed(methods: UnaryMethods, slow: SlowRequests): UnaryMethods {
  const result = new Map<string, UnaryHandler>();
  for (const [path, handler] of methods) {
    result.set(path, (call, message) => handler(new TimedCall(call, slow), message));
  }
  return result;
}

function guard(handler: UnaryHandler, checks: CallChecks): UnaryHandler {
  return (call, message) => {
    const refusal = refusalOf(call, checks);
    if (refusal !== undefined) {
      call.fail(refusal.code, refusal.message);
      return;
    }
    try {
      handler(call, message);
    } catch (error) {
      const { code, message: text } = malformedRequest(error);
      call.fail(code, text);
    }
  };
}

/** What forbids a call before its request is looked at. */
export function refusalOf(call: CallInfo, checks: CallChecks): RpcError | undefined {
  const version = call.metadata.get("client-api-version");
  if (version !== undefined && !isUtf8(version)) return rpcErrors.invalidClientAPIVersion;
  if (call.metadata.get("hasleader") === "true" && !checks.hasLeader()) return rpcErrors.noLeader;
  return undefined;
}

/** Header values arrive with one character per byte. */
function isUtf8(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is that of ASCII.
  if (/^[\x00-\x7f]*$/.test(value)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "latin1"));
    return true;
  } catch {
    return false;
  }
}
