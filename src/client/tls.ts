// SPDX-License-Identifier: Apache-2.0

import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";
import type { TlsOptions } from "./options.ts";

// TLS has no server name for an address, and newer Nodes refuse to send one; but grpc-js always
// sets one. This stands in for it, while the certificate is checked against the address.
const NAME_OF_ADDRESS = "localhost";

/** Credentials for one host; plain ones without TLS options. */
export function channelCredentials(tls: TlsOptions | undefined, host: string): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const [authorities, key, certificate] = [tls.authorities, tls.key, tls.certificate].map(bufferOf);
  return credentials.createSsl(authorities, key, certificate, {
    rejectUnauthorized: tls.insecureSkipVerify !== true,
    checkServerIdentity: (_name: string, peer: PeerCertificate) => checkServerIdentity(host, peer),
  });
}

/** Channel options that go with them. */
export function nameOptions(tls: TlsOptions | undefined, host: string): ChannelOptions {
  const isAddress = tls !== undefined && isIP(host) !== 0;
  return isAddress ? { "grpc.ssl_target_name_override": NAME_OF_ADDRESS } : {};
}

function bufferOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes);
}
