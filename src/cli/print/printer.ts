// SPDX-License-Identifier: Apache-2.0

import type { Printer, PrintOptions } from "./printable.ts";

export const formats = ["simple", "fields", "json", "protobuf", "table"] as const;
export type Format = (typeof formats)[number];

export function isFormat(text: string): text is Format {
  return formats.some((format) => format === text);
}

/** The printer of a format. Each is a module of its own, so that a command loads only one. */
export async function createPrinter(format: Format, options: PrintOptions): Promise<Printer> {
  switch (format) {
    case "simple":
      return (await import("./simple.ts")).simplePrinter(options);
    case "fields":
      return (await import("./fields.ts")).fieldsPrinter(options);
    case "json":
      return (await import("./json.ts")).jsonPrinter(options);
    case "protobuf":
      return (await import("./protobuf.ts")).protobufPrinter();
    case "table":
      return (await import("./table.ts")).tablePrinter();
  }
}
