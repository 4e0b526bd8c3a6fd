// SPDX-License-Identifier: Apache-2.0

/** The HTTP/1.1 side of a client listener: health, probes, version and metrics. */
export {
  createHttpHandler,
  createHttpServer,
  type HttpHandler,
  type HttpParts,
} from "./handler.ts";
export type { AlarmName, HealthSource, ServerVersions } from "./health-source.ts";
