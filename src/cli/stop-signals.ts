// SPDX-License-Identifier: Apache-2.0

/** A signal to stop that comes with SIGINT or SIGTERM, which then do not end the process. */
export interface StopSignals {
  readonly signal: AbortSignal;
  readonly received: Promise<void>;
  release(): void;
}

export function catchStopSignals(): StopSignals {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => {
    controller.abort();
    resolve();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return {
    signal: controller.signal,
    received: promise,
    release: () => {
      process.removeListener("SIGINT", stop);
      process.removeListener("SIGTERM", stop);
    },
  };
}
