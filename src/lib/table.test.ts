import { expect, test } from "vitest";
import stringWidth from "string-width";
import { formatTable, TABLE_CELLS_MAX } from "./table.ts";

test("columns line up in terminal cells, Chinese included; control characters do no harm", () => {
  const rows = [
    { name: "north", amount: "1.50" },
    { name: "北方\u001b[31m", amount: "12.00" },
  ];
  const table = formatTable(rows, [
    { title: "name", value: ({ name }) => name },
    { title: "amount", value: ({ amount }) => amount, align: "right" },
  ]);
  expect(table).toBe(
    ["name       amount", "─────────  ──────", "north        1.50", "北方\uFFFD[31m   12.00"].join("\n"),
  );
});

test("a table that is too wide is cut where it may be, at the end that tells less, and nowhere else", () => {
  const rows = [{ id: "1".repeat(40), path: `/a/${"b".repeat(80)}/end`, words: "北".repeat(40) }];
  const lines = formatTable(rows, [
    { title: "id", value: ({ id }) => id },
    { title: "path", value: ({ path }) => path, cut: "start" },
    { title: "words", value: ({ words }) => words, cut: "end" },
  ]).split("\n");
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(TABLE_CELLS_MAX);
  expect(lines[2]).toMatch(/^1{40} {2}…b+\/end +北+…$/);
  const narrow = formatTable(rows, [{ title: "a title that stays", value: ({ id }) => id, cut: "end" }], 10);
  expect(narrow.split("\n")[2]).toBe(`${"1".repeat(17)}…`);
  const uncut = formatTable(rows, [{ title: "id", value: ({ id }) => id }], 10);
  expect(uncut).toContain("1".repeat(40));
});
