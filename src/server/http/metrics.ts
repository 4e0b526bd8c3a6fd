// SPDX-License-Identifier: Apache-2.0

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { METRICS_CONTENT_TYPE, type MetricRegistry } from "../observe/index.ts";
import { type Endpoint, respond } from "./respond.ts";

const compress = promisify(gzip);

/** `/metrics`: Prometheus' text, compressed for those who take it; any method will do, as in etcd. */
export function createMetricsEndpoint(metrics: MetricRegistry): Endpoint {
  const inFlight = metrics.gauge("promhttp_metric_handler_requests_in_flight");
  const answered = metrics.labeledCounter("promhttp_metric_handler_requests_total");
  for (const code of ["200", "500", "503"]) answered.child(code);
  return async (request, response) => {
    inFlight.value += 1;
    try {
      const text = metrics.format();
      if (acceptsGzip(request.headers["accept-encoding"])) {
        const body = await compress(text);
        response.setHeader("Content-Encoding", "gzip");
        respond(response, 200, METRICS_CONTENT_TYPE, body);
      } else {
        respond(response, 200, METRICS_CONTENT_TYPE, text);
      }
      answered.child("200").inc();
    } finally {
      inFlight.value -= 1;
    }
  };
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  const words = String(header ?? "").split(",");
  return words.some((word) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(word));
}
