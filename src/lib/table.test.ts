import { expect, test } from "vitest";
import { formatTable } from "./table.ts";

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
