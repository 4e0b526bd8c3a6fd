import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: "forks",
    maxWorkers: 2,
    // A process per worker and not per file: 250 starts, and as many readings of the same modules, are
    // a third of the whole run. Tests leave nothing behind that another could see.
    isolate: false,
    reporters: ["default"],
  },
});
