// SPDX-License-Identifier: Apache-2.0

/**
 * Where the module of a thread lies: beside the one that starts it, whose URL is given. Programs are
 * built as files of CommonJS or of modules, their threads always as modules; sources are run as
 * they are.
 */
export function threadUrl(name: string, starterUrl: string): URL {
  return new URL(`./${name}${starterUrl.endsWith(".ts") ? ".ts" : ".js"}`, starterUrl);
}
