// SPDX-License-Identifier: Apache-2.0

export type StopSignal = "SIGTERM" | "SIGINT";

/** The part of `process` that signals need, so that a test can play the operating system. */
export interface SignalTarget {
  readonly pid: number;
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
  kill(pid: number, signal: StopSignal): unknown;
  exit(code: number): unknown;
}

export interface StopSignals {
  /** Resolves with the first signal. A second one ends the process at once. */
  readonly received: Promise<StopSignal>;
  /** Gives both signals back their default effect. */
  release(): void;
  /**
   * Ends the process as if the signal had never been caught, so that its parent sees what it
   * asked for. Process 1 cannot be killed that way and leaves with code 0, as etcd does.
   */
  finish(signal: StopSignal): void;
}

const stopSignals: readonly StopSignal[] = ["SIGTERM", "SIGINT"];

/** What Go calls the signal in a log line. */
export function describeSignal(signal: StopSignal): string {
  return signal === "SIGTERM" ? "terminated" : "interrupt";
}

/** Starts listening for the two signals that ask a server to stop. */
export function catchStopSignals(target: SignalTarget): StopSignals {
  let resolveReceived: (signal: StopSignal) => void = () => {};
  const received = new Promise<StopSignal>((resolve) => {
    resolveReceived = resolve;
  });
  let count = 0;
  const listeners = new Map<StopSignal, () => void>();
  const release = (): void => {
    for (const [signal, listener] of listeners) target.off(signal, listener);
    listeners.clear();
  };
  const finish = (signal: StopSignal): void => {
    release();
    if (target.pid === 1) target.exit(0);
    else target.kill(target.pid, signal);
  };
  for (const signal of stopSignals) {
    const listener = (): void => {
      count += 1;
      if (count === 1) resolveReceived(signal);
      else finish(signal);
    };
    listeners.set(signal, listener);
    target.on(signal, listener);
  }
  return { received, release, finish };
}
