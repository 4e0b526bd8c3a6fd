// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

/** The machine's own address, or why there is none; the texts are etcd's. */
export type DefaultHost =
  | { readonly host: string; readonly error: undefined }
  | { readonly host: undefined; readonly error: string };

/** Addresses by interface, as `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<
  Record<string, readonly { readonly address: string; readonly family: string }[] | undefined>
>;

const IPV6_DEFAULT = `${"0".repeat(32)} 00`;

/**
 * The first address of the interface behind the default route, IPv4 before IPv6. The route tables
 * are the contents of Linux' `/proc/net/route` and `/proc/net/ipv6_route`, empty where missing.
 */
export function chooseDefaultHost(
  ipv4Routes: string,
  ipv6Routes: string,
  interfaces: Interfaces,
): DefaultHost {
  const routes = [
    { family: "IPv4", name: findIpv4Interface(ipv4Routes) },
    { family: "IPv6", name: findIpv6Interface(ipv6Routes) },
  ];
  for (const { family, name } of routes) {
    if (name === undefined) continue;
    const address = interfaces[name]?.find((entry) => entry.family === family)?.address;
    if (address !== undefined) return { host: address, error: undefined };
  }
  const known = routes.some((route) => route.name !== undefined);
  const error = known ? "could not find default host" : "could not find default route";
  return { host: undefined, error };
}

function findIpv4Interface(table: string): string | undefined {
  for (const line of table.split("\n").slice(1)) {
    const [name, destination, , , , , , mask] = line.trim().split(/\s+/);
    if (destination === "00000000" && mask === "00000000") return name;
  }
  return undefined;
}

function findIpv6Interface(table: string): string | undefined {
  for (const line of table.split("\n")) {
    const words = line.trim().split(/\s+/);
    const name = words.at(-1);
    if (line.startsWith(IPV6_DEFAULT) && name !== "lo") return name;
  }
  return undefined;
}

/** Asks the running machine. */
export function detectDefaultHost(): DefaultHost {
  const read = (path: string): string => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      // Not Linux, or a namespace without that table: the same as having no route.
      return "";
    }
  };
  const ipv4Routes = read("/proc/net/route");
  const ipv6Routes = read("/proc/net/ipv6_route");
  return chooseDefaultHost(ipv4Routes, ipv6Routes, networkInterfaces());
}
