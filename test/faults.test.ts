import { expect, test } from "vitest";
import { FAULT_CODES } from "../src/domain/faults/catalogue.ts";
import { isTest, sourceFiles } from "./support/sources.ts";

// Goal: no code is in the catalogue that nobody has ever seen come out. Method: look for each in the tests that drive the
// whole thing, over HTTP or by its commands; tests of single rules do not count.

const driving = sourceFiles("test/e2e", "test/wire", "test/crash").filter(({ path }) => isTest(path));

test("every code of the catalogue is provoked by a test that drives the server or a command", () => {
  expect(driving.length).toBeGreaterThan(20);
  const text = driving.map((file) => file.text).join("\n");
  const words = new Set(text.match(/\b[A-Z][A-Za-z0-9]+\b/g));
  expect(FAULT_CODES.filter((code) => !words.has(code))).toEqual([]);
});
