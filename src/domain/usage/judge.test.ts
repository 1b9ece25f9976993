import { expect, test } from "vitest";
import { Versions } from "./judge.ts";

test("versions of a key are judged in order", () => {
  const versions = new Versions();
  versions.add("stored", "a");
  const rows: [string, string, string][] = [
    ["stored", "a", "duplicate"],
    ["stored", "b", "conflict"],
    ["stored", "b", "duplicate"],
    ["fresh", "a", "new"],
    ["fresh", "a", "duplicate"],
    ["fresh", "b", "conflict"],
  ];
  for (const [key, content, outcome] of rows) expect(versions.judge({ key, content })).toBe(outcome);
});
