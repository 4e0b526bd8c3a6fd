import { defineConfig } from "vitest/config";
import { isThorough } from "./test/harness/thorough.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // They need genuine programs, and minutes: CI runs them as a step of their own.
    exclude: isThorough ? [] : ["test/interop/**"],
    // What hangs fails; what is slow on a busy machine does not.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    // A process per worker and not per file: 250 starts, and as many readings of the same modules, are
    // a third of the whole run. Tests leave nothing behind that another could see.
    isolate: false,
    reporters: ["default"],
  },
});
