// SPDX-License-Identifier: Apache-2.0

import type { IncomingMessage, ServerResponse } from "node:http";

export const TEXT_PLAIN = "text/plain; charset=utf-8";

/** Answers one request of one path; must settle only after it has answered. */
export type Endpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => void | Promise<void>;

/** Sends a whole answer with its length. */
export function respond(
  response: ServerResponse,
  status: number,
  contentType: string | undefined,
  body: string | Uint8Array,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  if (contentType !== undefined) response.setHeader("Content-Type", contentType);
  response.setHeader("Content-Length", bytes.length);
  response.statusCode = status;
  response.end(bytes);
}

/** Sends a text as Go's `http.Error` does: a line break at the end, and no sniffing. */
export function respondError(response: ServerResponse, status: number, text: string): void {
  response.setHeader("X-Content-Type-Options", "nosniff");
  respond(response, status, TEXT_PLAIN, `${text}\n`);
}

/** Whether the request may go on; if not, it has been answered with 405. */
export function allowOnlyGet(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === "GET") return true;
  response.setHeader("Allow", "GET");
  respondError(response, 405, "Method Not Allowed");
  return false;
}

/** A text in JSON as Go writes it, with the characters that matter to HTML escaped. */
export function goJsonText(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
