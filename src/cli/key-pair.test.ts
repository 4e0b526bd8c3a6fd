// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { authoritiesProblem, keyPairProblem } from "./key-pair.ts";

/** A certificate that is its own authority, and its key. */
function newPair(): readonly [Buffer, Buffer] {
  const folder = mkdtempSync(join(tmpdir(), "etcdx-test-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=a";
  try {
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", [...words.split(" "), ...files], { stdio: "ignore" });
    return [readFileSync(cert), readFileSync(key)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [certificate, key] = newPair();
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ofOtherType = generateKeyPairSync("ed25519");
const pkcs8 = { format: "pem", type: "pkcs8" } as const;
const block = (type: string): Buffer =>
  Buffer.from(`-----BEGIN ${type}-----\nYWJj\n-----END ${type}-----\n`);
const noise = Buffer.from("noise\n");

test("a certificate and its key have no problem", () => {
  expect(keyPairProblem(certificate, key)).toBeUndefined();
  expect(keyPairProblem(certificate, Buffer.concat([block("EC PARAMETERS"), key]))).toBe(undefined);
  expect(authoritiesProblem(certificate)).toBeUndefined();
  expect(authoritiesProblem(noise)).toBeUndefined();
});

test.each<[string, Uint8Array, Uint8Array]>([
  ["tls: failed to find any PEM data in certificate input", noise, key],
  ["tls: failed to find any PEM data in certificate input", certificate.subarray(0, 200), key],
  ["tls: failed to find any PEM data in key input", certificate, noise],
  ["tls: failed to find certificate PEM data in certificate input, but did find", key, key],
  ["tls: found a certificate rather than a key in the PEM for", certificate, certificate],
  ["blocks of the following types: [PUBLIC KEY]", block("PUBLIC KEY"), key],
  ["blocks of the following types: [PUBLIC KEY]", certificate, block("PUBLIC KEY")],
  ["x509: malformed certificate", block("CERTIFICATE"), key],
  ["tls: failed to parse private key", certificate, block("PRIVATE KEY")],
  [
    "tls: private key does not match public key",
    certificate,
    Buffer.from(other.privateKey.export(pkcs8)),
  ],
  [
    "tls: private key type does not match public key type",
    certificate,
    Buffer.from(ofOtherType.privateKey.export(pkcs8)),
  ],
])("%s", (problem, certificateFile, privateKeyFile) => {
  expect(keyPairProblem(certificateFile, privateKeyFile)).toContain(problem);
});

test("a block among the authorities that is no certificate is refused", () => {
  const both = Buffer.concat([certificate, block("CERTIFICATE")]);
  expect(authoritiesProblem(both)).toBe("x509: malformed certificate");
});
