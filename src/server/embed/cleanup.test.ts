// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { Cleanup } from "./cleanup.ts";

test("steps run in reverse, one after the other, and only once", async () => {
  const cleanup = new Cleanup();
  const steps: string[] = [];
  cleanup.add(() => void steps.push("first"));
  cleanup.add(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    steps.push("second");
  });
  await cleanup.run();
  await cleanup.run();
  expect(steps).toEqual(["second", "first"]);
});

test("a step that fails does not stop the rest, and the first error is what is thrown", async () => {
  const cleanup = new Cleanup();
  const steps: string[] = [];
  cleanup.add(() => void steps.push("port"));
  cleanup.add(() => Promise.reject(new Error("later")));
  cleanup.add(() => {
    throw new Error("earlier");
  });
  await expect(cleanup.run()).rejects.toThrow("earlier");
  expect(steps).toEqual(["port"]);
});
