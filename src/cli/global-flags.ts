// SPDX-License-Identifier: Apache-2.0

import { boolFlag, durationFlag, type Flags, int64Flag, listFlag, textFlag } from "./flag.ts";

const SECOND = 1_000_000_000n;

/** The flags that every command of etcdctl takes. */
export const globalFlags: Flags = {
  endpoints: listFlag("members to talk to, comma separated", ["127.0.0.1:2379"]),
  debug: boolFlag("print all settings as variables"),
  "write-out": textFlag("output format: fields, json, protobuf, simple or table", {
    char: "w",
    value: "simple",
    choices: ["fields", "json", "protobuf", "simple", "table"],
  }),
  hex: boolFlag("print keys, values and ids in hexadecimal"),
  "dial-timeout": durationFlag("longest wait for a connection", 2n * SECOND),
  "command-timeout": durationFlag("longest wait for a short command's answer", 5n * SECOND),
  "keepalive-time": durationFlag("pause between keepalive pings", 2n * SECOND),
  "keepalive-timeout": durationFlag("longest wait for a ping's answer", 6n * SECOND),
  "max-request-bytes": int64Flag("largest request to send, 0 for 2 MiB"),
  "max-recv-bytes": int64Flag("largest answer to take, 0 for 2 GiB"),
  "insecure-transport": boolFlag("connect without TLS unless another flag asks for it", {
    value: true,
  }),
  "insecure-discovery": boolFlag("take SRV records of servers without TLS", { value: true }),
  "insecure-skip-tls-verify": boolFlag("do not check the server's certificate (tests only)"),
  cert: textFlag("file with the client's certificate"),
  key: textFlag("file with the key of the client's certificate"),
  cacert: textFlag("file with the authorities that server certificates are checked against"),
  "auth-jwt-token": textFlag("token to send instead of a user and password"),
  user: textFlag("user[:password] to log in with; asks when the password is missing"),
  password: textFlag("password to log in with; --user is then the bare name"),
  "discovery-srv": textFlag("domain whose SRV records name the members", { char: "d" }),
  "discovery-srv-name": textFlag("service name of those SRV records"),
};
