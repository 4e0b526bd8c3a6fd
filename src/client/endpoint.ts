// SPDX-License-Identifier: Apache-2.0

/** Whether an endpoint's spelling asks for TLS, forbids it, or leaves it to the options. */
export type Security = "required" | "optional" | "none";

/** An endpoint taken apart. */
export interface Endpoint {
  /** As it was given. */
  readonly text: string;
  /** The name that a TLS server has to prove, and the pseudo header `:authority`. */
  readonly authority: string;
  /** Target in the words of grpc-js. */
  readonly target: string;
  /** `host:port`, or the path of a Unix socket. */
  readonly address: string;
  /** The address without its port and brackets; the last part of a path. */
  readonly host: string;
  readonly security: Security;
}

/** Reads `host:port`, `http(s)://host:port`, `unix(s):path` or `unix(s)://path`. */
export function parseEndpoint(text: string): Endpoint {
  const unix = /^unix(s?):(?:\/\/)?(.*)$/s.exec(text);
  if (unix !== null) {
    const [, secure, path = ""] = unix;
    const security = secure === "s" ? "required" : "optional";
    const authority = path.slice(path.lastIndexOf("/") + 1);
    return {
      text,
      authority,
      target: `unix:${path}`,
      address: path,
      host: authority,
      security,
    };
  }
  const url = /^(https?):\/\/([^/]*)/.exec(text);
  const security = url === null ? "optional" : url[1] === "https" ? "required" : "none";
  const address = url?.[2] ?? text;
  const host = address.replace(/:[^:\]]*$/, "").replace(/^\[(.*)\]$/, "$1");
  return { text, authority: address, target: `dns:${address}`, address, host, security };
}
