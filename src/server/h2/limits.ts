// SPDX-License-Identifier: Apache-2.0

import { totalmem } from "node:os";

/**
 * Every bound of the endpoint, with what happens at it. Sizes are bytes, times milliseconds.
 * The defaults accept what gRPC clients legitimately send and keep the memory of one hostile
 * connection in the low hundreds of megabytes.
 */
export interface H2Limits {
  /** Streams open at once on a connection; a further one gets RST_STREAM(REFUSED_STREAM). */
  readonly maxConcurrentStreams: number;
  /** One request message, compressed or not; a larger one fails with RESOURCE_EXHAUSTED. */
  readonly maxReceiveBytes: number;
  /** One response message; a larger one fails with RESOURCE_EXHAUSTED. */
  readonly maxSendBytes: number;
  /** Receive window of a stream; more than that unread is a FLOW_CONTROL_ERROR of the stream. */
  readonly streamWindowBytes: number;
  /** Receive window of a connection, at least 65,535; given back whatever the streams do. */
  readonly connectionWindowBytes: number;
  /** Decoded header list of a request; a larger one gets RST_STREAM(FRAME_SIZE_ERROR). */
  readonly headerListBytesMax: number;
  /** Encoded header block with its CONTINUATIONs; more ends it with ENHANCE_YOUR_CALM. */
  readonly headerBlockBytesMax: number;
  /** CONTINUATION frames of one block; more ends the connection with ENHANCE_YOUR_CALM. */
  readonly continuationFramesMax: number;
  /** Partly received messages of a connection; the stream that exceeds it is failed. */
  readonly assemblyBytesMax: number;
  /** Response bytes waiting on a stream; above it `write` returns false. */
  readonly streamQueueBytesHigh: number;
  /** A handler that keeps writing past this gets its stream failed with RESOURCE_EXHAUSTED. */
  readonly streamQueueBytesMax: number;
  /** Response bytes waiting on a connection; above it new streams get REFUSED_STREAM. */
  readonly connectionQueueBytesMax: number;
  /**
   * Of all connections together: response bytes that wait, those of long answers in the making,
   * and partly received messages. Above it such answers, and messages that come in parts, fail with
   * RESOURCE_EXHAUSTED, and connections on which much waits get no new streams.
   */
  readonly heldBytesMax: number;
  /** Bytes the socket has not taken; above it the connection stops reading and sending data. */
  readonly socketBacklogBytesMax: number;
  /** The time over which the flood counters below are summed. */
  readonly floodWindowMs: number;
  /** A client that gives a stream up sooner than this has opened it for nothing. */
  readonly rapidResetMs: number;
  /** Streams given up that soon, or refused, per flood window; more: ENHANCE_YOUR_CALM. */
  readonly resetsPerWindowMax: number;
  /** SETTINGS frames per flood window; more: ENHANCE_YOUR_CALM. */
  readonly settingsPerWindowMax: number;
  /** Open streams that SETTINGS give another window, summed per window; more: ENHANCE_YOUR_CALM. */
  readonly windowChangesPerWindowMax: number;
  /** Frames without effect (empty DATA, PRIORITY, acks, unknown ones) per window. */
  readonly idleFramesPerWindowMax: number;
  /** PINGs per flood window, whatever the keepalive policy says; more: ENHANCE_YOUR_CALM. */
  readonly pingsPerWindowMax: number;
  /** From accepting a connection to its first SETTINGS; then it is closed. */
  readonly handshakeTimeoutMs: number;
  /** From the first GOAWAY of a drain to the second, when the client does not answer the ping. */
  readonly drainPingTimeoutMs: number;
  /** How long a socket may take to close after the last byte was sent; then it is destroyed. */
  readonly closeTimeoutMs: number;
}

export interface KeepaliveOptions {
  /** A client that pings more often than this collects strikes. */
  readonly minTimeMs: number;
  /** Whether a client may ping while it has no stream open. */
  readonly permitWithoutStream: boolean;
  /** Silence after which the server pings. */
  readonly intervalMs: number;
  /** How long the server waits for any sign of life after its ping. */
  readonly timeoutMs: number;
}

const MIB = 1024 * 1024;

/** What this process may use, as far as the system tells; 0 or more than there is: no limit. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

export const defaultLimits: H2Limits = {
  maxConcurrentStreams: 0xffff_ffff,
  maxReceiveBytes: 4 * MIB,
  maxSendBytes: 0x7fff_ffff,
  streamWindowBytes: MIB,
  connectionWindowBytes: 16 * MIB,
  headerListBytesMax: 128 * 1024,
  headerBlockBytesMax: 128 * 1024,
  continuationFramesMax: 64,
  assemblyBytesMax: 256 * MIB,
  streamQueueBytesHigh: MIB,
  streamQueueBytesMax: 64 * MIB,
  connectionQueueBytesMax: 512 * MIB,
  heldBytesMax: Math.min(4096 * MIB, Math.floor(memoryBytes() / 2)),
  socketBacklogBytesMax: 256 * 1024,
  floodWindowMs: 10_000,
  rapidResetMs: 100,
  resetsPerWindowMax: 10_000,
  settingsPerWindowMax: 1000,
  windowChangesPerWindowMax: 1_000_000,
  idleFramesPerWindowMax: 10_000,
  pingsPerWindowMax: 10_000,
  handshakeTimeoutMs: 120_000,
  drainPingTimeoutMs: 5000,
  closeTimeoutMs: 1000,
};

export const defaultKeepalive: KeepaliveOptions = {
  minTimeMs: 5000,
  permitWithoutStream: false,
  intervalMs: 7_200_000,
  timeoutMs: 20_000,
};
