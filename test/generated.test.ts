import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { schemaDumps } from "../scripts/dumpSchemas.ts";
import { referencePages } from "../scripts/generate.ts";
import { FAULT_CODES } from "../src/domain/faults/catalogue.ts";
import { LANGUAGES } from "../src/domain/faults/fault.ts";
import { SETTINGS } from "../src/settings.ts";
import { ROOT, sourceFiles } from "./support/sources.ts";

// Goal: what is generated is what is checked in. A failure here is mended with: npm run gen && npm run db:dump

const pages = await referencePages();

test.each([...pages.keys()])("%s is up to date (npm run gen)", (path) => {
  expect(readFileSync(join(ROOT, path), "utf8")).toBe(pages.get(path));
});

test("the schema dumps are up to date (npm run db:dump)", async () => {
  for (const [path, dump] of await schemaDumps()) expect(readFileSync(join(ROOT, path), "utf8"), path).toBe(dump);
});

test.each(LANGUAGES)("the pages about errors in %s are exactly the catalogue, in its order", (language) => {
  const [index, folder] = language === "en" ? ["errors.md", "errors"] : [`errors.${language}.md`, `errors/${language}`];
  const text = readFileSync(join(ROOT, "docs/reference", index), "utf8");
  const linked = [...text.matchAll(/^- \[`(\w+)`\]\(([\w/-]+)\/(\w+)\.md\)/gm)].map(([, ...parts]) => parts);
  expect(linked).toEqual(FAULT_CODES.map((code) => [code, folder, code]));
  const files = readdirSync(join(ROOT, "docs/reference", folder)).filter((name) => name.endsWith(".md"));
  expect(files.sort()).toEqual(FAULT_CODES.map((code) => `${code}.md`).sort());
});

test("every code of the catalogue can happen: the sources raise it somewhere", () => {
  const text = sourceFiles("src")
    .filter(({ path }) => !/\/faults\/(catalogue|texts)/.test(path))
    .map((file) => file.text)
    .join("\n");
  // Refusals of the rules are raised under the name that the rule gave.
  const unraised = FAULT_CODES.filter((code) => !text.includes(`"${code}"`));
  expect(unraised).toEqual([]);
});

test("settings have one environment variable and one option each", () => {
  const names = Object.values(SETTINGS).flatMap(({ env, cli }) => [env, cli]);
  expect(new Set(names).size).toBe(names.length);
});
