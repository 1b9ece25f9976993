import { spawn } from "node:child_process";
import { createWriteStream, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { CatalogueImportInfo } from "../../src/client/types.ts";
import { LIMITS } from "../../src/domain/limits.ts";
import { startServer, stampbook } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { openStampbook } from "../support/world.ts";
import { refusal } from "../support/refusal.ts";

// Goal: an import tells of every row what it did, twice is once, and nothing of a wrong row or a wrong file is stored.

const id = (n: number): string => `50000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const csv = (text: string | Buffer, type = "text/csv") => ({ bytes: [Buffer.from(text)], type });
const outcomes = ({ rows }: CatalogueImportInfo) =>
  rows.map(({ position, outcome, code }) => [position, code ?? outcome]);

test("every row has its own result; the good ones are stored, and a second import changes nothing", async () => {
  const world = await openStampbook();
  const { client } = world;
  const text =
    "\uFEFFSubscription,OFFERTYPE,partner,provider,reseller,displayName,state,tenant\r\n" +
    `${id(1)},CSP,contoso,,,"Fabrikam, ""Inc""\r\nBerlin",,${id(90)}\r\n` +
    `${id(2).toUpperCase()},csp,contoso,wide,north reseller,b,Warned,\r\n` +
    `${id(3)},Gold,contoso,,,,,\r\n` +
    "nonsense,CSP,contoso,,,,,\r\n" +
    `${id(4)},CSP,,,,,,\r\n` +
    `${id(5)},CSP,contoso,,,,,,one too many\r\n` +
    `${id(6)},CSP,contoso,,,"not closed,,\r\n` +
    `${id(7)},APSS,contoso,,,,,`;
  // The name with a line end in it is refused as a control character; its row spans two lines.
  const expected = [
    [2, "CatalogueRowInvalid"],
    [4, "added"],
    [5, "CatalogueRowInvalid"],
    [6, "CatalogueRowInvalid"],
    [7, "CatalogueRowInvalid"],
    [8, "CatalogueRowUnreadable"],
    [9, "CatalogueRowUnreadable"],
    [10, "added"],
  ];
  const first = await client.importCatalogue(csv(text));
  expect(outcomes(first)).toEqual(expected);
  expect(first.counts).toEqual({ added: 2, changed: 0, unchanged: 0, rejected: 6 });
  expect(first.rows[2]).toMatchObject({ subscription: id(3), column: "offerType" });
  expect(first.rows[2]!.message).toContain("Gold");
  expect(first.rows[2]!.remedy?.length).toBeGreaterThan(0);
  expect(await client.catalogueEntry(id(2))).toEqual({
    subscription: id(2),
    displayName: "b",
    offerType: "CSP",
    state: "Warned",
    partner: "contoso",
    provider: "wide",
    reseller: "north reseller",
    customer: null,
    tenant: null,
  });
  const again = await client.importCatalogue(csv(text));
  expect(again.counts).toEqual({ added: 0, changed: 0, unchanged: 2, rejected: 6 });
  expect((await client.catalogueHistory(id(2))).length).toBe(1);
  await world.close();
});

test("NDJSON: the same rules, a line a row; null and missing members are the same", async () => {
  const world = await openStampbook();
  const { client } = world;
  const lines = [
    JSON.stringify({ subscription: id(1), offerType: "CSP", partner: "contoso", reseller: null }),
    "",
    JSON.stringify({ subscription: id(2), offerType: "CSP", partner: 7 }),
    JSON.stringify({ subscription: id(3), offerType: "CSP", partner: "contoso", colour: "red" }),
    "{ broken",
    "[]",
    JSON.stringify({ subscription: id(1), offerType: "CSP", partner: "northwind" }),
    JSON.stringify({ subscription: id(1), offerType: "CSP", partner: "northwind" }),
  ];
  const bytes = gzipSync(lines.join("\r\n"));
  const result = await client.importCatalogue({ bytes: [bytes], type: "application/x-ndjson", encoding: "gzip" });
  expect(outcomes(result)).toEqual([
    [1, "added"],
    [3, "CatalogueRowInvalid"],
    [4, "CatalogueColumnUnknown"],
    [5, "CatalogueRowUnreadable"],
    [6, "CatalogueRowUnreadable"],
    [7, "changed"],
    [8, "unchanged"],
  ]);
  // Twice in one body: both versions are in the history.
  expect((await client.catalogueHistory(id(1))).map(({ content }) => content?.partner)).toEqual([
    "contoso",
    "northwind",
  ]);
  await world.close();
});

test.each([
  ["an unknown column", "subscription,offerType,partner,colour\n", "CatalogueColumnUnknown", "colour"],
  ["semicolons", "subscription;offerType;partner\n", "CatalogueColumnUnknown", "subscription;offerType;partner"],
  ["a missing column", "subscription,offerType\n", "CatalogueColumnMissing", "partner"],
  ["a column twice", "subscription,partner,offerType,partner\n", "CatalogueFileUnreadable", "twice"],
  ["nothing", "", "CatalogueFileUnreadable", "empty"],
  ["UTF-16", Buffer.from("\uFEFFsubscription,offerType,partner\n", "utf16le"), "CatalogueFileUnreadable", "UTF-8"],
])("a file with %s is refused as a whole", async (_, text, code, named) => {
  const world = await openStampbook();
  const error = await refusal(world.client.importCatalogue(csv(text)));
  expect([error.status, error.code]).toEqual([400, code]);
  expect(error.message).toContain(named);
  expect((error.details as CatalogueImportInfo).counts.added).toBe(0);
  await world.close();
});

test("a body that breaks off is refused, and says what of it is stored", async () => {
  const world = await openStampbook();
  const rows = Array.from({ length: 3_000 }, (_, i) => `${id(i)},CSP,contoso,${"x".repeat(i % 200)}\n`);
  const whole = gzipSync(`subscription,offerType,partner,displayName\n${rows.join("")}`);
  const bytes = [whole.subarray(0, whole.length - 200)];
  const error = await refusal(world.client.importCatalogue({ bytes, type: "text/csv", encoding: "gzip" }));
  expect(error.code).toBe("UsageBodyEncodingBroken");
  const { counts } = error.details as CatalogueImportInfo;
  expect((await world.client.catalogue({ limit: 1 })).value.length).toBe(Math.min(1, counts.added));
  expect((await refusal(world.client.importCatalogue(csv("x", "text/plain")))).status).toBe(415);
  await world.close();
});

test("one entry is put, shown, changed and taken out; its history tells who and when", async () => {
  const world = await openStampbook({ now: "2024-03-05T12:00:00Z" });
  const { client } = world;
  const put = (partner: string) => client.putCatalogueEntry(id(1).toUpperCase(), { offerType: "CSP", partner });
  expect((await put("contoso")).outcome).toBe("added");
  expect((await put("contoso")).outcome).toBe("unchanged");
  world.clock.set("2024-03-06T12:00:00Z");
  expect((await put("northwind")).outcome).toBe("changed");
  expect((await refusal(client.putCatalogueEntry("x", { offerType: "CSP", partner: "p" }))).code).toBe(
    "CatalogueRowInvalid",
  );
  expect((await refusal(client.putCatalogueEntry(id(1), { offerType: "CSP", partner: "" }))).code).toBe(
    "CatalogueRowInvalid",
  );
  expect(await client.removeCatalogueEntry(id(1))).toBe(true);
  expect(await client.removeCatalogueEntry(id(1))).toBe(false);
  expect((await refusal(client.catalogueEntry(id(1)))).code).toBe("CatalogueSubscriptionNotFound");
  expect((await refusal(client.catalogueHistory(id(2)))).status).toBe(404);
  expect(await client.catalogueHistory(id(1))).toMatchObject([
    { actor: "local", recordedAt: "2024-03-05T12:00:00Z", content: { partner: "contoso" } },
    { recordedAt: "2024-03-06T12:00:00Z", content: { partner: "northwind" } },
    { content: null },
  ]);
  await world.close();
});

test("the list comes in pages", async () => {
  const world = await openStampbook();
  const { client } = world;
  await client.putCatalogue([1, 2, 3].map((n) => ({ subscription: id(n), offerType: "CSP", partner: "contoso" })));
  const first = await client.catalogue({ limit: 2 });
  expect([first.value.map((so) => so.subscription), first.next]).toEqual([[id(1), id(2)], id(2)]);
  const second = await client.catalogue({ limit: 2, after: first.next! });
  expect([second.value.map((so) => so.subscription), second.next]).toEqual([[id(3)], undefined]);
  await world.close();
});

const ROWS = 120_000;

test("a file of 120,000 rows is imported by the command in pieces, in bounded memory, and resumed for nothing", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "catalogue.csv");
  const writer = createWriteStream(file);
  writer.write("subscription,offerType,partner,displayName,tenant\r\n");
  for (let n = 0; n < ROWS; n += 1) {
    const broken = n === 70_000 ? "nonsense" : id(n);
    writer.write(`${broken},CSP,partner ${n % 7},"Customer ""${n}"", ${"x".repeat(200)}",${id(n)}\r\n`);
  }
  await finished(writer.end());
  const results = join(folder, "results.ndjson");
  const args = ["catalogue", "import", file, "--results", results, "--json"];
  // The file would not fit into the heap that the command gets.
  const first = await limited(args, folder);
  expect(first.stderr).toBe("");
  expect(first.status).toBe(5);
  const [{ counts, rejected }] = (
    JSON.parse(first.stdout) as { files: [CatalogueImportInfo & { rejected: unknown[] }] }
  ).files;
  expect(counts).toEqual({ added: ROWS - 1, changed: 0, unchanged: 0, rejected: 1 });
  expect(rejected).toMatchObject([{ position: 70_002, subscription: "nonsense", column: "subscription" }]);
  const lines = readFileSync(results, "utf8").trimEnd().split("\n");
  expect(lines.length).toBe(ROWS);
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ position: ROWS + 1, subscription: id(ROWS - 1), outcome: "added" });
  const again = await stampbook(["catalogue", "import", file], { cwd: folder });
  expect(again.stdout).toContain("0 added, 0 changed, 119,999 unchanged, 1 rejected");
  expect(statSync(file).size).toBeGreaterThan(30_000_000);
  expect(LIMITS.cataloguePieceSentRowsMax).toBeLessThan(ROWS / 10);
});

/** The command with a heap of 96 MiB, young and old together. */
function limited(
  args: readonly string[],
  cwd: string,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const options = ["--max-old-space-size=96", join(import.meta.dirname, "../../bin/stampbook.mjs")];
    const child = spawn(process.execPath, [...options, ...args], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8" },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

test("files of the command: JSON as list --json prints it, and NDJSON; other names are refused", async () => {
  const folder = temporaryFolder();
  const server = await startServer(join(folder, "data"));
  const run = (...args: string[]) => stampbook([...args, "--data-folder", join(folder, "data")], { cwd: folder });
  writeFileSync(join(folder, "a.json"), JSON.stringify([{ subscription: id(1), offerType: "CSP", partner: "p" }]));
  expect((await run("catalogue", "import", "a.json")).stdout).toBe(
    "a.json: 1 added, 0 changed, 0 unchanged, 0 rejected\n",
  );
  writeFileSync(join(folder, "b.json"), (await run("catalogue", "list", "--json")).stdout);
  expect((await run("catalogue", "import", "b.json")).stdout).toContain("1 unchanged");
  writeFileSync(
    join(folder, "c.ndjson"),
    `${JSON.stringify({ subscription: id(1), offerType: "EA", partner: "p" })}\n`,
  );
  expect((await run("catalogue", "import", "c.ndjson")).stdout).toContain("1 changed");
  expect((await run("catalogue", "history", id(1))).stdout.match(/local/g)?.length).toBe(2);
  const refused = await run("catalogue", "import", "a.xlsx");
  expect(refused.status).toBe(1);
  expect((await run("catalogue", "put", id(2), "--offer-type", "CSP", "--partner", "q")).stdout).toContain("added");
  expect((await run("catalogue", "show", id(2))).stdout).toMatch(/partner\s+q/);
  expect((await run("catalogue", "remove", id(2))).stdout).toContain("was taken out");
  expect((await run("catalogue", "show", id(2))).status).toBe(3);
  await server.kill("SIGTERM");
});
