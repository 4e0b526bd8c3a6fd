// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { barLine } from "./progress-bar.ts";

test.each([
  [{ done: 0, total: 60, seconds: 0, columns: 40 }, "0 / 60 [___________________] 0.00% ? p/s"],
  [{ done: 3, total: 60, seconds: 3, columns: 40 }, "3 / 60 [>__________________] 5.00% 1 p/s"],
  [{ done: 30, total: 60, seconds: 15, columns: 40 }, "30 / 60 [-------->________] 50.00% 2 p/s"],
  [{ done: 60, total: 60, seconds: 60, columns: 40 }, "60 / 60 [----------------] 100.00% 1 p/s"],
  [{ done: 1, total: 60, seconds: 1, columns: 5 }, "1 / 60 [] 1.67% 1 p/s"],
])("%j", (progress, line) => {
  expect(barLine(progress)).toBe(line);
});
