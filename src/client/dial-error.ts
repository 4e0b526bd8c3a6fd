// SPDX-License-Identifier: Apache-2.0

import { systemText } from "../base/system-error.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * If grpc-js gave up because no connection could be made, the reason in the words that etcd's
 * users know from their logs; undefined for every other failure.
 */
export function connectionProblem(details: string, endpoint: Endpoint): string | undefined {
  const unnamed = details.startsWith("Name resolution failed");
  const reason = /^No connection established\. Last error: (.*)$/s.exec(details)?.[1];
  const { problem } = endpoint;
  if (problem !== undefined && (unnamed || reason !== undefined)) {
    return wrap(`dial tcp: ${problem}`);
  }
  if (unnamed) return wrap(`dial tcp: ${lookup(endpoint)}`);
  if (reason === undefined) return undefined;
  const network = endpoint.target.startsWith("unix:") ? "unix" : "tcp";
  const code = /\b(E[A-Z]{4,})\b/.exec(reason)?.[1];
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return wrap(`dial tcp: ${lookup(endpoint)}`);
  const system = systemText(code);
  if (system !== undefined && reason.includes("connect")) {
    return wrap(`dial ${network} ${endpoint.address}: connect: ${system}`);
  }
  return handshakeProblem(reason);
}

function lookup(endpoint: Endpoint): string {
  const { host } = endpoint;
  return `lookup ${host}: no such host`;
}

function wrap(problem: string): string {
  return `connection error: desc = "transport: Error while dialing: ${problem}"`;
}

// What Go says where OpenSSL and Node have words of their own.
const handshakeTexts: readonly (readonly [RegExp, string])[] = [
  [/^Client network socket disconnected before secure TLS connection was/, "EOF"],
  [
    /:(?:wrong version number|packet length too long):/,
    "tls: first record does not look like a TLS handshake",
  ],
];

function handshakeProblem(reason: string): string {
  const plain = reason.replace(/\. Resolution note:.*$/s, "").replace(/^Error: /, "");
  const text = handshakeTexts.find(([pattern]) => pattern.test(plain))?.[1] ?? plain;
  return `connection error: desc = "transport: authentication handshake failed: ${text}"`;
}
