// SPDX-License-Identifier: Apache-2.0

import { GRPC_CODES, GrpcCode } from "../../base/grpc-code.ts";
import type { StreamHandler, UnaryHandler } from "./call.ts";

/** A method as the endpoint's user registers it, under its path `/package.Service/Method`. */
export type Method =
  | { readonly kind: "unary"; readonly handler: UnaryHandler }
  | { readonly kind: "stream"; readonly handler: StreamHandler };

/** What was counted for one method; read by metrics, written by the endpoint only. */
export class MethodCounters {
  readonly path: string;
  readonly kind: Method["kind"];
  /** Calls that reached the method. */
  started = 0;
  /** Calls ended, by status code. */
  readonly handled: number[] = new Array<number>(GRPC_CODES).fill(0);
  messagesReceived = 0;
  messagesSent = 0;
  /** Message bytes, decompressed and without gRPC's prefix. */
  bytesReceived = 0;
  bytesSent = 0;

  constructor(path: string, kind: Method["kind"]) {
    this.path = path;
    this.kind = kind;
  }

  countHandled(code: number): void {
    const known = code >= 0 && code < GRPC_CODES ? code : GrpcCode.unknown;
    this.handled[known] = (this.handled[known] ?? 0) + 1;
  }
}

export interface MethodEntry {
  readonly method: Method;
  readonly counters: MethodCounters;
}

/** Finds methods by path, and the words of grpc-go for what is not there. */
export class MethodTable {
  readonly #entries = new Map<string, MethodEntry>();
  readonly #services = new Set<string>();

  constructor(methods: ReadonlyMap<string, Method>) {
    for (const [path, method] of methods) {
      this.#entries.set(path, { method, counters: new MethodCounters(path, method.kind) });
      this.#services.add(path.slice(1, path.lastIndexOf("/")));
    }
  }

  find(path: string): MethodEntry | undefined {
    return this.#entries.get(path);
  }

  counters(): MethodCounters[] {
    return [...this.#entries.values()].map((entry) => entry.counters);
  }

  /** Why a path leads nowhere: the message of its UNIMPLEMENTED status. */
  unknownText(path: string, quote: (text: string) => string): string {
    const slash = path.lastIndexOf("/");
    if (!path.startsWith("/") || slash === 0) return `malformed method name: ${quote(path)}`;
    const service = path.slice(1, slash);
    if (!this.#services.has(service)) return `unknown service ${service}`;
    return `unknown method ${path.slice(slash + 1)} for service ${service}`;
  }
}
