// SPDX-License-Identifier: Apache-2.0

import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps, type RequestOptions } from "node:https";
import { errorText } from "../../base/error-text.ts";
import { goQuote } from "../../base/go-quote.ts";
import { errorCode } from "../../base/system-error.ts";
import type { ClientOptions } from "../../client/index.ts";

export const RESIDENT_MEMORY = "process_resident_memory_bytes";

const METRICS_BYTES_MAX = 16 * 1024 * 1024;

/** The resident memory of the first endpoint's server, in bytes, or why it cannot be told. */
export async function residentMemory({
  endpoints,
  tls,
}: ClientOptions): Promise<number | { readonly problem: string }> {
  const [endpoint = ""] = endpoints;
  const base = /^https?:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`;
  const url = `${base}/metrics`;
  const options: RequestOptions = {
    rejectUnauthorized: tls?.insecureSkipVerify !== true,
    ...(tls?.authorities === undefined ? {} : { ca: Buffer.from(tls.authorities) }),
    ...(tls?.certificate === undefined ? {} : { cert: Buffer.from(tls.certificate) }),
    ...(tls?.key === undefined ? {} : { key: Buffer.from(tls.key) }),
  };
  try {
    return parseMemory(await fetchText(url, options));
  } catch (error) {
    return { problem: `fetch error: Get ${goQuote(url)}: ${reason(error, url)}` };
  }
}

async function fetchText(url: string, options: RequestOptions): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.startsWith("https:")
      ? getHttps(url, options, resolve)
      : getHttp(url, resolve);
    request.on("error", reject);
  });
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > METRICS_BYTES_MAX) throw new Error("the answer is too long");
  }
  return text;
}

function parseMemory(text: string): number | { readonly problem: string } {
  const line = text.split("\n").find((candidate) => candidate.startsWith(RESIDENT_MEMORY));
  const value = line?.slice(RESIDENT_MEMORY.length).trim() ?? "";
  if (value === "") return { problem: `could not find: ${RESIDENT_MEMORY}` };
  const bytes = Number(value);
  if (!Number.isNaN(bytes)) return bytes;
  return { problem: `parse error: strconv.ParseFloat: parsing ${goQuote(value)}: invalid syntax` };
}

function reason(error: unknown, url: string): string {
  if (errorCode(error) === "ECONNREFUSED") {
    return `dial tcp ${new URL(url).host}: connect: connection refused`;
  }
  return errorText(error);
}
