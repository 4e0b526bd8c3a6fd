// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../../api/rpc-errors.ts";
import { WireReader } from "../../base/wire-reader.ts";
import type { Method, UnaryCall } from "../h2/index.ts";
import type { Methods, UnaryMethods } from "./service.ts";
import { singleRequest } from "./single-request.ts";

/** `HealthCheckResponse { status: SERVING }` of the gRPC health protocol. */
const SERVING = Uint8Array.of(0x08, 0x01);
/** `HealthCheckResponse { status: SERVICE_UNKNOWN }`. */
const SERVICE_UNKNOWN = Uint8Array.of(0x08, 0x03);
/** `HealthListResponse { statuses: { "": SERVING } }`. */
const ALL_SERVING = Uint8Array.of(0x0a, 0x06, 0x0a, 0x00, 0x12, SERVING.length, ...SERVING);

/**
 * The unary methods of `grpc.health.v1.Health` for the whole server, service name "": serving from
 * the start, as etcd answers. Other names are unknown to it.
 */
export function healthMethods(): UnaryMethods {
  return new Map([
    [
      "/grpc.health.v1.Health/Check",
      (call: UnaryCall, message: Uint8Array): void => {
        if (serviceName(message) === "") call.respond(SERVING);
        else call.fail(GrpcCode.notFound, "unknown service");
      },
    ],
    [
      "/grpc.health.v1.Health/List",
      (call: UnaryCall, message: Uint8Array): void => {
        checkEmpty(message);
        call.respond(ALL_SERVING);
      },
    ],
  ]);
}

/** Its stream, which tells what it has to tell at once and then stays open. */
export function healthStreams(): Methods {
  const watch: Method = {
    kind: "stream",
    handler: (call) => {
      let name = "";
      return singleRequest(call, {
        read: (message) => {
          name = serviceName(message);
        },
        begin: () => void call.write(name === "" ? SERVING : SERVICE_UNKNOWN),
        onCancel: () => {},
      });
    },
  };
  return new Map([["/grpc.health.v1.Health/Watch", watch]]);
}

/** A message without fields of its own. May throw `WireError`. */
function checkEmpty(message: Uint8Array): void {
  const reader = new WireReader(message);
  while (reader.position < reader.end) reader.skip(reader.tag());
}

/** May throw `WireError`. */
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
