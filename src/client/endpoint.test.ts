// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { connectionProblem } from "./dial-error.ts";
import { parseEndpoint } from "./endpoint.ts";

test.each([
  ["127.0.0.1:2379", "dns:127.0.0.1:2379", "127.0.0.1", "optional"],
  ["http://m1.example:2379", "dns:m1.example:2379", "m1.example", "none"],
  ["https://m1.example:2379/path", "dns:m1.example:2379", "m1.example", "required"],
  ["[::1]:2379", "dns:[::1]:2379", "::1", "optional"],
  ["https://[fe80::1]:1", "dns:[fe80::1]:1", "fe80::1", "required"],
  ["unix:///run/etcd.sock", "unix:/run/etcd.sock", "etcd.sock", "optional"],
  ["unix:etcd.sock", "unix:etcd.sock", "etcd.sock", "optional"],
  ["unixs:///run/etcd.sock", "unix:/run/etcd.sock", "etcd.sock", "required"],
])("%s", (text, target, host, security) => {
  expect(parseEndpoint(text)).toMatchObject({ text, target, host, security });
});

const refused = "No connection established. Last error: connect ECONNREFUSED 127.0.0.1:0";
const dialling = 'connection error: desc = "transport: Error while dialing: ';

test.each([
  [
    "127.0.0.1:1",
    "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1",
    `${dialling}dial tcp 127.0.0.1:1: connect: connection refused"`,
  ],
  [
    "unix:///nosuch",
    "No connection established. Last error: Error: connect ENOENT /nosuch",
    `${dialling}dial unix /nosuch: connect: no such file or directory"`,
  ],
  [
    "nosuch:1",
    "Name resolution failed for target dns:nosuch:1",
    `${dialling}dial tcp: lookup nosuch: no such host"`,
  ],
  ["a:1", "etcdserver: leader changed", undefined],
  ["", refused, `${dialling}dial tcp: missing address"`],
  ["a", refused, `${dialling}dial tcp: address a: missing port in address"`],
  ["::1", refused, `${dialling}dial tcp: address ::1: too many colons in address"`],
  ["[::1]", refused, `${dialling}dial tcp: address [::1]: missing port in address"`],
  ["ftp://a:1", refused, `${dialling}dial tcp: address ftp://a:1: too many colons in address"`],
  ["a:x", refused, `${dialling}dial tcp: lookup tcp/x: unknown port"`],
  ["a:1/b", refused, `${dialling}dial tcp: lookup tcp/1/b: unknown port"`],
  ["a:99999", refused, `${dialling}dial tcp: address 99999: invalid port"`],
  [
    "https://a:1",
    "No connection established. Last error: Error: Client network socket disconnected before secure TLS connection was established",
    'connection error: desc = "transport: authentication handshake failed: EOF"',
  ],
])("for %s, %s", (endpoint, details, problem) => {
  expect(connectionProblem(details, parseEndpoint(endpoint))).toBe(problem);
});
