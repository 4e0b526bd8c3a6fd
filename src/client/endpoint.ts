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
  /** Why the address cannot be dialled, in Go's words; undefined where it may be. */
  readonly problem: string | undefined;
}

// What cannot be dialled has to fail as a connection does: nothing listens on port 0.
const REFUSED = "127.0.0.1:0";

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
      problem: undefined,
    };
  }
  const url = /^(https?):\/\/([^/]*)/.exec(text);
  const security = url === null ? "optional" : url[1] === "https" ? "required" : "none";
  const address = url?.[2] ?? text;
  const host = address.replace(/:[^:\]]*$/, "").replace(/^\[(.*)\]$/, "$1");
  const problem = addressProblem(address);
  const target = `dns:${problem === undefined ? address : REFUSED}`;
  return { text, authority: address, target, address, host, security, problem };
}

const PORT_MAX = 65_535;

/** What Go's dialler says of an address that is not a host and a port. */
function addressProblem(address: string): string | undefined {
  if (address === "") return "missing address";
  const parts = /^(?:\[[^\]]*\]|[^:]*):([^:]*)$/.exec(address);
  if (parts === null) {
    const manyColons = address.startsWith("[") ? /\]:.*:/.test(address) : /:.*:/.test(address);
    const reason = manyColons ? "too many colons in address" : "missing port in address";
    return `address ${address}: ${reason}`;
  }
  const [, port = ""] = parts;
  if (!/^\d*$/.test(port)) return `lookup tcp/${port}: unknown port`;
  return Number(port) > PORT_MAX ? `address ${port}: invalid port` : undefined;
}
