// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { errorCode, systemErrorText, systemText } from "./system-error.ts";

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test("errors of the system are told in its words", () => {
  expect(systemErrorText(thrownBy(() => readFileSync(tmpdir())))).toBe("is a directory");
  expect(systemErrorText(thrownBy(() => readFileSync("/nosuch/file")))).toBe(
    "no such file or directory",
  );
  expect(systemText("EROFS")).toBe("read-only file system");
});

test("others keep their own", () => {
  expect(systemErrorText(new Error("broken"))).toBe("broken");
  expect(systemErrorText("thrown as it is")).toBe("thrown as it is");
  expect([systemText("ENOTKNOWN"), systemText(undefined)]).toEqual([undefined, undefined]);
  expect(errorCode({ code: "ENOENT" })).toBeUndefined();
});
