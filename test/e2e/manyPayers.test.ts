import { expect, test } from "vitest";
import type { DocumentInfo } from "../../src/client/closing.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { asLines, hubRecord, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: however many payers are closed, no answer grows with them, and the lists have all of them, page by page.
// Method: one real close, and beside its statement more of the same kind than an answer tells.

const PERIOD = "2024-02";
const HOUR = "2024-02-10T10:00:00Z";

test("an answer tells the first statements and who was set aside, counts all, and says where they are", async () => {
  const stampbook = await openStampbook({ now: "2024-03-05T12:00:00Z" });
  const { client, folder, stampbook: inside } = stampbook;
  await registerNorth(stampbook);
  await client.takeIn("north", asLines([hubRecord({ hour: HOUR, quantity: "1000" })]), windowAfter(HOUR));
  const first = await closeAnyway(client, PERIOD);
  expect(first).toMatchObject({ statementsInAll: 1, statementsAt: "/v1/statements?period=2024-02", setAsideInAll: 0 });

  const { control } = inside.context;
  const found = (await control.documents.find(first.statements[0]!.number))!;
  if (found.kind !== "statement") throw new Error("a close makes statements");
  const { closing: id, sequence: _, hash: __, number: ___, ...content } = found;
  const closing = (await control.documents.findClosing(id))!;
  const setAside = Array.from({ length: LIMITS.setAsideToldMax + 5 }, (_unused, i) => {
    return { level: "customer" as const, payer: `aside ${i}`, reason: "PayerGone" as const, detail: "gone" };
  });
  await control.transaction(async ({ documents }) => {
    const writer = await documents.addClosing({ ...closing, setAside });
    for (let i = 0; i < LIMITS.pageRowsMax; i += 1) await writer.add({ ...content, payer: `payer ${i}` });
    await writer.finish();
  });

  const again = await client.closing.close(PERIOD, "contoso");
  expect(again).toMatchObject({
    closedNow: false,
    statementsInAll: LIMITS.pageRowsMax + 1,
    setAsideInAll: setAside.length,
  });
  expect([again.statements.length, again.setAside.length]).toEqual([LIMITS.pageRowsMax, LIMITS.setAsideToldMax]);
  const shown = (await client.closing.period(PERIOD)).partners[0]!;
  expect([shown.setAside.length, shown.setAsideInAll]).toEqual([LIMITS.setAsideToldMax, setAside.length]);

  const all = await client.statements(PERIOD);
  expect(all).toHaveLength(LIMITS.pageRowsMax + 1);
  const numbers = all.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].sort());
  const page = await client.call<{ value: DocumentInfo[]; next: string }>({
    method: "GET",
    path: `${again.statementsAt}&limit=2&after=CONTOSO-000004`,
  });
  expect([page.value.map(({ number }) => number), page.next]).toEqual([
    ["CONTOSO-000005", "CONTOSO-000006"],
    "CONTOSO-000006",
  ]);

  const [ofFirst, ofSecond] = await Promise.all(
    [id, id + 1].map(async (closing) => {
      const of = { kind: "statement", closing } as const;
      const found = await control.documents.page({ ...of, after: "CONTOSO-000003", limit: 1 });
      return [await control.documents.count(of), found.map(({ number }) => number)];
    }),
  );
  expect(ofFirst).toEqual([1, []]);
  expect(ofSecond).toEqual([LIMITS.pageRowsMax, ["CONTOSO-000004"]]);

  const some = await control.documents.findMany(["CONTOSO-000005", "NOBODY-000001", "CONTOSO-000002"]);
  expect(some.map(({ number }) => number)).toEqual(["CONTOSO-000005", "CONTOSO-000002"]);
  for (const document of some) expect(document).toEqual(await control.documents.find(document.number));
  const chunks: Buffer[] = [];
  await client.closing.exports.focus(PERIOD, "contoso", async (bytes) => void chunks.push(Buffer.from(bytes)), "csv");
  const rows = Buffer.concat(chunks).toString("utf8").split("\r\n");
  const invoices = rows.slice(1, -1).map((row) => /CONTOSO-\d+/.exec(row)![0]);
  const issued = await control.documents.list({ period: PERIOD });
  expect(invoices).toEqual(issued.flatMap(({ number, lineCount }) => Array.from({ length: lineCount }, () => number)));

  await stampbook.close();
  const told = await command(["periods", "close", PERIOD, "contoso", "--data-folder", `${folder}/data`], {
    cwd: folder,
  });
  expect(told.stderr).toContain("… and 1 more: stampbook statements list 2024-02");
  expect(told.stderr).toContain("… and 5 more set aside.");
});
