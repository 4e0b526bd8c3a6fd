// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { chooseDefaultHost } from "./default-host.ts";

const header = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
const ipv4 = `${header}eth1\t000200C0\t0\t1\t0\t0\t0\t00FFFFFF\t0\t0\t0\neth0\t00000000\t010200C0\t3\t0\t0\t0\t00000000\t0\t0\t0\n`;
const zeros = "0".repeat(32);
const ipv6 = `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 1 0 00200200 lo\n${zeros} 00 ${zeros} 00 fd000000000000000000000000000001 00000400 2 0 3 eth0\n`;
const interfaces = {
  eth0: [
    { address: "fd00::2", family: "IPv6" },
    { address: "192.0.2.7", family: "IPv4" },
  ],
  eth1: [{ address: "198.51.100.1", family: "IPv4" }],
};

test("the address of the interface with the default route is taken, IPv4 first", () => {
  expect(chooseDefaultHost(ipv4, ipv6, interfaces).host).toBe("192.0.2.7");
});

test("without an IPv4 route the IPv6 address is taken, never the loopback's", () => {
  expect(chooseDefaultHost(header, ipv6, interfaces).host).toBe("fd00::2");
});

test("without any route the error says so", () => {
  expect(chooseDefaultHost("", "", interfaces).error).toBe("could not find default route");
});

test("a route whose interface has no address is another error", () => {
  expect(chooseDefaultHost(ipv4, "", { eth0: [] }).error).toBe("could not find default host");
});
