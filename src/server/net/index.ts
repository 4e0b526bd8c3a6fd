// SPDX-License-Identifier: Apache-2.0

/** Listening sockets, and who gets the connections that come through them. */
export { ListenError, Listener, type ListenOptions, listen } from "./listener.ts";
export { FIRST_BYTES_TIMEOUT_MS, ProtocolMux, type ProtocolMuxOptions } from "./protocol-mux.ts";
