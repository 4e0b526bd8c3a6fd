// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** One block of a PEM file. */
interface PemBlock {
  readonly type: string;
  readonly text: string;
}

const MALFORMED = "x509: malformed certificate";

/**
 * What is wrong with a certificate and its key, in the words of Go's TLS library; undefined if
 * they can be used. Both are the contents of PEM files.
 */
export function keyPairProblem(certificate: Uint8Array, key: Uint8Array): string | undefined {
  const [certificates, keys] = [pemBlocks(certificate), pemBlocks(key)];
  const certificateBlock = certificates.find(({ type }) => type === "CERTIFICATE");
  if (certificateBlock === undefined) return noCertificate(typesOf(certificates));
  const keyBlock = keys.find(({ type }) => isKeyType(type));
  if (keyBlock === undefined) return noKey(typesOf(keys));
  const parsed = parseCertificate(certificateBlock);
  if (parsed === undefined) return MALFORMED;
  const privateKey = parseKey(keyBlock);
  if (privateKey === undefined) return "tls: failed to parse private key";
  if (parsed.publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) {
    return "tls: private key type does not match public key type";
  }
  return parsed.checkPrivateKey(privateKey)
    ? undefined
    : "tls: private key does not match public key";
}

/** The same for a file of authorities, of which every block has to be a certificate. */
export function authoritiesProblem(authorities: Uint8Array): string | undefined {
  const allRead = pemBlocks(authorities).every((block) => parseCertificate(block) !== undefined);
  return allRead ? undefined : MALFORMED;
}

function pemBlocks(file: Uint8Array): PemBlock[] {
  const text = Buffer.from(file).toString("latin1");
  const blocks = text.matchAll(/-----BEGIN ([^\n-]*)-----\s*\n.*?-----END \1-----/gs);
  return [...blocks].map(([whole, type = ""]) => ({ type, text: whole }));
}

const typesOf = (blocks: readonly PemBlock[]): string[] => blocks.map(({ type }) => type);
const isKeyType = (type: string): boolean => /(?:^| )PRIVATE KEY$/.test(type);

function noCertificate(types: readonly string[]): string {
  const [first] = types;
  if (first === undefined) return "tls: failed to find any PEM data in certificate input";
  if (types.length === 1 && first.endsWith("PRIVATE KEY")) {
    return (
      "tls: failed to find certificate PEM data in certificate input, but did find a private " +
      "key; PEM inputs may have been switched"
    );
  }
  return (
    'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks ' +
    `of the following types: [${types.join(" ")}]`
  );
}

function noKey(types: readonly string[]): string {
  const [first] = types;
  if (first === undefined) return "tls: failed to find any PEM data in key input";
  if (types.length === 1 && first === "CERTIFICATE") {
    return "tls: found a certificate rather than a key in the PEM for the private key";
  }
  return (
    'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping ' +
    `PEM blocks of the following types: [${types.join(" ")}]`
  );
}

function parseCertificate({ type, text }: PemBlock): X509Certificate | undefined {
  try {
    return new X509Certificate(text.replaceAll(`${type}-----`, "CERTIFICATE-----"));
  } catch {
    // The cause is OpenSSL's, and Go's would be another one.
    return undefined;
  }
}

function parseKey({ text }: PemBlock): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    // An encrypted key ends here too: there is nowhere to give a passphrase.
    return undefined;
  }
}
