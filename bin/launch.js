// SPDX-License-Identifier: Apache-2.0
"use strict";

const fs = require("node:fs");
const nodeModule = require("node:module");
const path = require("node:path");

const names = ["etcdx", "etcd", "etcdctl", "etcdutl"];

/** The program that was called: by the name of a link, else by the file behind it. */
function programName() {
  const called = [process.argv[1], require.main?.filename]
    .filter((file) => file !== undefined)
    .map((file) => path.basename(file).replace(/\.(?:exe|js)$/, ""));
  return called.find((name) => names.includes(name)) ?? "etcdx";
}

/** The built program; in a checkout that was not built, the sources. */
function loadMain() {
  const built = path.join(__dirname, "..", "dist", "main.cjs");
  if (fs.existsSync(built)) return require(built);
  return import("../src/main.ts");
}

async function launch() {
  nodeModule.enableCompileCache?.();
  const { main } = await loadMain();
  process.exit(await main(programName(), process.argv.slice(2)));
}

launch();
