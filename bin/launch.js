// SPDX-License-Identifier: Apache-2.0
"use strict";

const fs = require("node:fs");
const nodeModule = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const names = ["etcdx", "etcd", "etcdctl", "etcdutl"];

/** The program that was called: by the name of a link, else by the file behind it. */
function programName() {
  const called = [process.argv[1], require.main?.filename]
    .filter((file) => file !== undefined)
    .map((file) => path.basename(file).replace(/\.(?:exe|js)$/, ""));
  return called.find((name) => names.includes(name)) ?? "etcdx";
}

async function launch() {
  nodeModule.enableCompileCache?.();
  const built = path.join(__dirname, "..", "dist", "main.js");
  const source = path.join(__dirname, "..", "src", "main.ts");
  const entry = fs.existsSync(built) ? built : source;
  const { main } = await import(pathToFileURL(entry).href);
  process.exit(await main(programName(), process.argv.slice(2)));
}

launch();
