// SPDX-License-Identifier: Apache-2.0

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { posix } from "node:path";
import type { Logger } from "../../base/contracts/logger.ts";
import { errorText } from "../../base/error-text.ts";
import type { MetricRegistry } from "../observe/index.ts";
import { createHealthEndpoint } from "./health.ts";
import type { HealthSource } from "./health-source.ts";
import { createMetricsEndpoint } from "./metrics.ts";
import { createProbeEndpoints } from "./probes.ts";
import { type Endpoint, respond, respondError } from "./respond.ts";
import { createVersionEndpoint } from "./version.ts";

const CALLER = "http/handler.ts";
/** Time for the head of a request, as etcd's listeners allow it. */
const HEADERS_TIMEOUT_MS = 5 * 60 * 1000;
/** Connections are looked at so many times within it. */
const HEADERS_CHECKS = 10;
/** Go's limit for the head of a request. */
const HEADER_BYTES_MAX = 1024 * 1024;

export interface HttpParts {
  readonly source: HealthSource;
  readonly metrics: MetricRegistry;
  readonly logger: Logger;
  /** Who has not sent the head of a request in this time gets 408; five minutes by default. */
  readonly headersTimeoutMs?: number;
}

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** The paths that a client listener serves over HTTP/1.1. */
export function createHttpHandler({ source, metrics, logger }: HttpParts): HttpHandler {
  const endpoints: ReadonlyMap<string, Endpoint> = new Map([
    ["/health", createHealthEndpoint(source, metrics, logger)],
    ["/version", createVersionEndpoint(source)],
    ["/metrics", createMetricsEndpoint(metrics)],
    ...createProbeEndpoints(source, metrics, logger),
  ]);
  return (request, response) => {
    answer(endpoints, request, response).catch((error: unknown) => {
      logger.log("error", CALLER, "request failed", { path: request.url, error: errorText(error) });
      if (response.headersSent) response.destroy();
      else respondError(response, 500, "Internal Server Error");
    });
  };
}

/**
 * A server for connections that the protocol mux hands over with `emit("connection", socket)`. It
 * never listens by itself.
 */
export function createHttpServer(parts: HttpParts): Server {
  const headersTimeoutMs = parts.headersTimeoutMs ?? HEADERS_TIMEOUT_MS;
  const options = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.ceil(headersTimeoutMs / HEADERS_CHECKS),
    requestTimeout: 0,
    // Idle connections stay open as they do with Go's server: pools of clients count on it.
    keepAliveTimeout: 0,
    maxHeaderSize: HEADER_BYTES_MAX,
  };
  const server = createServer(options, createHttpHandler(parts));
  // Node begins to look after connections, their times and their end, when a server listens.
  server.emit("listening");
  return server;
}

async function answer(
  endpoints: ReadonlyMap<string, Endpoint>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Go says nothing about a connection that stays open, Node would.
  if (response.shouldKeepAlive) response.removeHeader("Connection");
  response.setHeader("Access-Control-Allow-Headers", "accept, content-type, authorization");
  response.setHeader("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE");
  response.setHeader("Access-Control-Allow-Origin", "*");
  if (request.method === "OPTIONS") {
    respond(response, 200, undefined, "");
    return;
  }
  const target = originForm(request.url ?? "/");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  const clean = cleanPath(path);
  if (clean !== path) {
    redirect(request, response, query === "" ? clean : `${clean}?${query}`);
    return;
  }
  const endpoint = endpoints.get(path);
  if (endpoint === undefined) respondError(response, 404, "404 page not found");
  else await endpoint(request, response, new URLSearchParams(query));
}

/** The target without scheme and host, which clients of a proxy send along. */
function originForm(target: string): string {
  const absolute = /^https?:\/\/[^/?]*/i.exec(target);
  if (absolute === null) return target;
  const rest = target.slice(absolute[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** The path without doubled slashes and dots; a slash at the end stays. */
function cleanPath(path: string): string {
  const clean = posix.normalize(path.startsWith("/") ? path : `/${path}`);
  return clean === "" ? "/" : clean;
}

/** Where Go's router sends requests with an unclean path. */
function redirect(request: IncomingMessage, response: ServerResponse, location: string): void {
  response.setHeader("Location", location);
  const withBody = request.method === "GET" || request.method === "HEAD";
  const href = location
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&#34;");
  const body = withBody ? `<a href="${href}">Temporary Redirect</a>.\n\n` : "";
  respond(response, 307, withBody ? "text/html; charset=utf-8" : undefined, body);
}
