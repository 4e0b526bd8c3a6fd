// SPDX-License-Identifier: Apache-2.0

/**
 * Builds `dist/` from the sources and `oclif.manifest.json` from the command classes.
 *
 * `main.cjs` holds the dispatcher and the client program in one CommonJS file: one file to read,
 * one entry in the compile cache, no module graph to walk; modules that a command does not use
 * stay asleep in it. The server, the embedding API and the client library are ES modules that
 * share their chunks; the server is loaded by `main.cjs` when it is asked for.
 *
 * With `--check` nothing is built; it only says whether the manifest is up to date.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { createManifest } from "../src/cli/manifest.ts";
import { ctlProgram } from "../src/commands/ctl/index.ts";
import { utilProgram } from "../src/commands/util/index.ts";

const root = join(import.meta.dirname, "..");
const manifestPath = join(root, "oclif.manifest.json");
const topics = { ctl: ctlProgram, util: utilProgram };

const shared: BuildOptions = {
  absWorkingDir: root,
  outdir: join(root, "dist"),
  bundle: true,
  platform: "node",
  target: "node22",
  // Native, or on rare ways only: they stay packages.
  external: ["lmdb", "@oclif/core", "@grpc/proto-loader"],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
};

// Bundled CommonJS code expects these to exist.
const esmBanner = `import { createRequire as $createRequire } from "node:module";
import { dirname as $dirname } from "node:path";
import { fileURLToPath as $fileURLToPath } from "node:url";
const require = $createRequire(import.meta.url);
const __filename = $fileURLToPath(import.meta.url);
const __dirname = $dirname(__filename);
`;

/** Replaces imports of a source file by a file of `dist`. */
function elsewhere(filter: RegExp, path: string): Plugin {
  return {
    name: `elsewhere ${path}`,
    setup: (hooks) => hooks.onResolve({ filter }, () => ({ path, external: true })),
  };
}

async function buildMain(): Promise<void> {
  await build({
    ...shared,
    entryPoints: { main: "src/main.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    define: { "import.meta.url": "$url" },
    banner: { js: 'const $url=require("node:url").pathToFileURL(__filename).href;' },
    plugins: [elsewhere(/^\.\/commands\/server\/run\.ts$/, "./server.js")],
  });
}

async function buildModules(): Promise<void> {
  await build({
    ...shared,
    entryPoints: {
      server: "src/commands/server/run.ts",
      embed: "src/server/embed/index.ts",
      client: "src/client/index.ts",
      // The thread that writes the store; its parent looks for it in its own folder, which is
      // why chunks are not put into another one.
      "lmdb-writer": "src/core/backend/lmdb-writer.ts",
      // The thread that exports it, likewise.
      "export-thread": "src/interchange/export-thread.ts",
      // The one that sorts what a store is built of.
      "sorter-thread": "src/interchange/sorter-thread.ts",
      // And the one that builds directories for the offline program.
      "build-thread": "src/offline/build-thread.ts",
      "oclif-commands": "src/oclif-commands.ts",
    },
    format: "esm",
    splitting: true,
    chunkNames: "chunk-[hash]",
    banner: { js: esmBanner },
    plugins: [elsewhere(/^\.\/main\.ts$/, "./main.cjs")],
  });
}

function manifestText(): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return `${JSON.stringify(createManifest(topics, String(version)), undefined, 2)}\n`;
}

if (process.argv.includes("--check")) {
  if (readFileSync(manifestPath, "utf8") !== manifestText()) {
    console.error("oclif.manifest.json is out of date: run node scripts/build.ts");
    process.exitCode = 1;
  }
} else {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  await Promise.all([buildMain(), buildModules()]);
  writeFileSync(manifestPath, manifestText());
}
