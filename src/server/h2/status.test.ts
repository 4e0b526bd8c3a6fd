// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { base64ErrorAt } from "./metadata.ts";
import { parseTimeout, percentEncode, quoted } from "./status.ts";

describe("percent encoding", () => {
  test("leaves printable ASCII alone, the percent sign apart", () => {
    expect(percentEncode("etcdserver: key not found ~!")).toBe("etcdserver: key not found ~!");
    expect(percentEncode("100%\n\u00e4")).toBe("100%25%0A%C3%A4");
  });

  test("can be undone for every text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const encoded = percentEncode(text);
        expect(encoded).toMatch(/^[ -~]*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
  });
});

describe("grpc-timeout", () => {
  test.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["5S", 5000],
    ["250m", 250],
    ["5000000u", 5000],
    ["99999999n", 99.999999],
    ["0S", 0],
  ])("%s", (text, milliseconds) => {
    expect(parseTimeout(text)).toBeCloseTo(milliseconds, 9);
  });

  test.each([
    ["", 'transport: timeout string is too short: ""'],
    ["S", 'transport: timeout string is too short: "S"'],
    ["123456789S", 'transport: timeout string is too long: "123456789S"'],
    ["5s", 'transport: timeout unit is not recognized: "5s"'],
    ["-5S", 'strconv.ParseUint: parsing "-5": invalid syntax'],
  ])("refuses %j", (text, reason) => {
    expect(parseTimeout(text)).toBe(reason);
  });
});

describe("quoting", () => {
  test("escapes what Go escapes", () => {
    expect(quoted('a"b\\c\td\u00ff')).toBe('"a\\"b\\\\c\\td\\xff"');
  });
});

describe("base64 of binary metadata", () => {
  test.each(["", "YQ", "YQ==", "YWI", "YWI=", "YWJj", "YWJj,YQ"])("%j is fine", (value) => {
    expect(base64ErrorAt(value)).toBe(-1);
  });

  test.each([
    ["a", 1],
    ["a*bc", 1],
    ["YQ=", 2],
  ])("%j is not, from %i on", (value, at) => {
    expect(base64ErrorAt(value)).toBe(at);
  });
});
