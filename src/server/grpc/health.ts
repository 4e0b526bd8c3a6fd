// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../../api/rpc-errors.ts";
import { WireReader } from "../../base/wire-reader.ts";
import type { Method, UnaryCall } from "../h2/index.ts";
import type { Methods } from "./service.ts";

/** `HealthCheckResponse { status: SERVING }` of the gRPC health protocol. */
const SERVING = Uint8Array.of(0x08, 0x01);
/** `HealthCheckResponse { status: SERVICE_UNKNOWN }`. */
const SERVICE_UNKNOWN = Uint8Array.of(0x08, 0x03);

/**
 * `grpc.health.v1.Health` for the whole server, service name "": serving from the start, as etcd
 * answers. Other names are unknown to it.
 */
export function healthMethods(): Methods {
  const check: Method = {
    kind: "unary",
    handler: (call: UnaryCall, message: Uint8Array) => {
      if (serviceName(message) === "") call.respond(SERVING);
      else call.fail(GrpcCode.notFound, "unknown service");
    },
  };
  const watch: Method = {
    kind: "stream",
    handler: (call) => ({
      onMessage: (message) => {
        call.write(serviceName(message) === "" ? SERVING : SERVICE_UNKNOWN);
      },
      onHalfClose: () => {},
      onCancel: () => {},
    }),
  };
  return new Map<string, Method>([
    ["/grpc.health.v1.Health/Check", check],
    ["/grpc.health.v1.Health/Watch", watch],
  ]);
}

function serviceName(message: Uint8Array): string {
  const reader = new WireReader(message);
  let name = "";
  while (reader.position < reader.end) {
    const tag = reader.tag();
    if (tag === 0x0a) name = reader.string();
    else reader.skip(tag);
  }
  return name;
}
