// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { parseLog, parseReport } from "../../bench/h2load.ts";
import { summarize } from "../../bench/latency.ts";

const report = [
  "progress: 100% done",
  "",
  "finished in 198.97ms, 10051.82 req/s, 662.91KB/s",
  "requests: 2000 total, 2000 started, 1999 done, 1998 succeeded, 1 failed, 2 errored, 3 timeout",
  "status codes: 1997 2xx, 0 3xx, 1 4xx, 0 5xx",
  "traffic: 131.90KB (135064) total, 4.02KB (4120) headers (space savings 94.58%), 62KB (63874) data",
].join("\n");

describe("what h2load prints", () => {
  test("the summary is read with its losses added up", () => {
    expect(parseReport(report)).toEqual({
      seconds: expect.closeTo(0.19897, 8),
      done: 1999,
      succeeded: 1998,
      lost: 6,
      status2xx: 1997,
      dataBytes: 63_874,
    });
  });

  test("a run that did not finish is an error with h2load's own words", () => {
    expect(() => parseReport("could not connect")).toThrow(/could not connect/);
  });

  test("the log gives mean and 99th percentile", () => {
    const lines = Array.from({ length: 200 }, (_, index) => `17952180${index}\t200\t${index + 1}`);
    expect(parseLog(`${lines.join("\n")}\n`)).toEqual({
      count: 200,
      meanMicros: 100.5,
      p99Micros: 198,
      maxMicros: 200,
    });
  });

  test("a logged request without status 200 is an error", () => {
    expect(() => parseLog("1\t200\t5\n2\t503\t5\n")).toThrow(/2\t503\t5/);
  });

  test("no latencies summarize to nothing", () => {
    expect(summarize(new Float64Array(0))).toEqual({
      count: 0,
      meanMicros: 0,
      p99Micros: 0,
      maxMicros: 0,
    });
  });
});
