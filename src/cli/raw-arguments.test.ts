// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { rawArguments } from "./raw-arguments.ts";

test("words without a replacement character are taken as they are", () => {
  const words = ["get", "ключ"];
  expect(rawArguments(words)).toBe(words);
});
