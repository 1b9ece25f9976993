import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FOCUS_COLUMNS, type FocusName } from "../../src/domain/focus/columns.ts";
import type { ControlStore } from "../../src/domain/controlStore.ts";
import { BillingPeriods } from "../../src/domain/statement/billingPeriods.ts";
import type { DocumentHead } from "../../src/domain/statement/document.ts";
import { openFocusThreads } from "../../src/exportThreads/focusThreads.ts";
import { decimal, digitsAt, formatFixed } from "../../src/lib/decimal.ts";
import { focusCsv } from "../../src/operations/exports/focus.ts";
import { type FocusContext, focusParquet } from "../../src/operations/exports/focusParquet.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import { CLOSING, correctionOf, PERIOD, statementOf } from "../support/closedDocuments.ts";
import { ParquetReader } from "../support/parquet.ts";
import { temporaryFolder } from "../support/temporary.ts";

// Goal: a file whose groups of rows are made in several threads says what CSV says, row by row and in its order, also where a
// document fills more than a group; and what goes wrong in a thread ends the file, not the server.
// Method: a control store of documents with small groups, read by an engine that is no part of the product.

const SIZES = { rowsMax: 1_000, documentsMax: 3, linesInThreadMin: 300 };
const FROM_STAMP = 2_700;
const DECIMALS = 18;
/** Lines of statements: one alone is of several groups, some are small, and some have none. */
const LINES = [0, 1, 400, 500, FROM_STAMP, 250, 0, 1_000, 30, 1_001, 999];

let reader: ParquetReader;
let control: ControlStore;
let context: FocusContext;
let heads: readonly DocumentHead[];

beforeAll(async () => {
  reader = new ParquetReader();
  const controlFile = join(temporaryFolder(), "control.sqlite");
  control = openSqliteControlStore(controlFile);
  await control.transaction(async ({ documents }) => {
    const writer = await documents.addClosing(CLOSING);
    const numbers = [];
    for (const [i, lines] of LINES.entries()) numbers.push(await writer.add(statementOf(`payer-${i}`, lines)));
    await writer.finish();
    const corrections = await documents.addClosing({ ...CLOSING, kind: "correction" });
    await corrections.add(correctionOf("payer-2", numbers[2]!));
    await corrections.finish();
  });
  heads = await control.documents.list({ period: PERIOD });
  const focusThreads = openFocusThreads({ controlFile, periodRules: [] });
  context = { control, periods: new BillingPeriods(), clock: { now: () => 0 }, focusThreads };
});

afterAll(async () => {
  reader.close();
  await context.focusThreads.close();
  await control.close();
});

async function bytesOf(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

/** A cell of CSV as Parquet has it. */
function inParquet(name: FocusName, text: string): string | null {
  if (text === "") return null;
  const { type } = FOCUS_COLUMNS[name];
  if (type === "time") return text.replace("T", " ").replace("Z", ".000");
  if (type !== "decimal") return text;
  return formatFixed({ coefficient: digitsAt(decimal(text), DECIMALS, "half-even"), scale: DECIMALS }, DECIMALS);
}

test("groups of several threads are one file, in the order of its documents", async () => {
  expect(heads.length).toBe(LINES.length + 1);
  const csv = parse<Record<FocusName, string>>(await bytesOf(focusCsv(context, [heads])), { columns: true });
  const bytes = await bytesOf(focusParquet(context, [heads.slice(0, 3), heads.slice(3)], SIZES));
  const { rows } = await reader.read(bytes);
  expect(rows.length).toBe(LINES.reduce((so, lines) => so + lines, 0) + 700);
  const names = Object.keys(FOCUS_COLUMNS) as FocusName[];
  const expected = csv.map((row) => Object.fromEntries(names.map((name) => [name, inParquet(name, row[name])])));
  for (const [i, row] of rows.entries()) {
    const told = names.map((name) => [
      name,
      FOCUS_COLUMNS[name].type === "decimal" && row[name] !== null
        ? formatFixed(decimal(row[name]!), DECIMALS)
        : row[name],
    ]);
    expect(Object.fromEntries(told), `row ${i}`).toEqual(expected[i]);
  }
  expect(await bytesOf(focusParquet(context, [heads], SIZES))).toEqual(bytes);
  const alone = { ...SIZES, linesInThreadMin: Number.MAX_SAFE_INTEGER };
  expect(await bytesOf(focusParquet(context, [heads], alone))).toEqual(bytes);
});

test("a document whose rows do not come to its total ends the file, whole or in stretches", async () => {
  for (const payer of ["payer-4", "payer-8"]) {
    const wrong = heads.map((head) => (head.payer === payer ? { ...head, total: "0.01" } : head));
    const { number } = heads.find((head) => head.payer === payer)!;
    await expect(bytesOf(focusParquet(context, [wrong], SIZES))).rejects.toThrow(
      `rows of ${number} do not come to its total`,
    );
  }
  // The threads go on.
  expect((await bytesOf(focusParquet(context, [heads], SIZES))).length).toBeGreaterThan(1_000);
});

test("a thread that cannot read the store tells why", async () => {
  const controlFile = join(temporaryFolder(), "none.sqlite");
  const focusThreads = openFocusThreads({ controlFile, periodRules: [] });
  try {
    await expect(bytesOf(focusParquet({ ...context, focusThreads }, [heads], SIZES))).rejects.toThrow(
      "unable to open database file",
    );
  } finally {
    await focusThreads.close();
  }
});

/** Threads that run something else, which there may be trouble with. */
async function exportWith(code: string): Promise<Buffer> {
  const folder = temporaryFolder();
  const file = join(folder, "thread.mjs");
  writeFileSync(file, code);
  const focusThreads = openFocusThreads({ controlFile: join(folder, "none.sqlite"), periodRules: [] }, file);
  try {
    return await bytesOf(focusParquet({ ...context, focusThreads }, [heads], SIZES));
  } finally {
    await focusThreads.close();
  }
}

const LISTEN = `import { parentPort } from "node:worker_threads"; parentPort.on("message", () =>`;

test.each([
  ["does not start", `throw new Error("broken");`, "broken"],
  ["ends in the middle", `${LISTEN} setTimeout(() => { throw new Error("broken"); }));`, "broken"],
  ["stops", `${LISTEN} process.exit(7));`, "a thread ended with status 7"],
  ["fails", `${LISTEN} parentPort.postMessage({ error: new Error("broken") }));`, "broken"],
])("an export ends with the reason where each thread %s", async (_, code, reason) => {
  await expect(exportWith(code)).rejects.toThrow(reason);
});

test("whoever stops reading early leaves no group behind that is still being made", async () => {
  let making = 0;
  const make: FocusContext["focusThreads"]["make"] = async (group) => {
    making += 1;
    try {
      return await context.focusThreads.make(group);
    } finally {
      making -= 1;
    }
  };
  const counted = { ...context, focusThreads: { ...context.focusThreads, make } };
  for await (const part of focusParquet(counted, [heads], SIZES)) {
    if (part.length === 4) continue;
    expect(making).toBeGreaterThan(0);
    break;
  }
  expect(making).toBe(0);
});

test("whoever waits for a group when the threads are closed is told, and nothing is made after that", async () => {
  const focusThreads = openFocusThreads({ controlFile: join(temporaryFolder(), "none.sqlite"), periodRules: [] });
  const group = { names: { stamps: new Map<number, string>(), meters: new Map() }, heads: [], lines: 0 };
  const ask = () => Promise.allSettled(Array.from({ length: focusThreads.count + 3 }, () => focusThreads.make(group)));
  const asked = ask();
  await focusThreads.close();
  const reasons = [...(await asked), ...(await ask())].map((so) => String(so.status === "rejected" && so.reason));
  expect(reasons.filter((reason) => !reason.includes("a thread ended"))).toEqual(
    Array.from({ length: focusThreads.count + 6 }, () => "Error: the server is closing"),
  );
});
