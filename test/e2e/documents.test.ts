import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parse } from "csv-parse/sync";
import { extractText, getDocumentProxy } from "unpdf";
import type { Client } from "../../src/client/client.ts";
import type { CorrectionInfo } from "../../src/client/closing.ts";
import type { DocumentFormat } from "../../src/client/exports.ts";
import { canonicalJson } from "../../src/lib/canonicalJson.ts";
import { groupedDigits } from "../../src/pdf/groupedDigits.ts";
import { WORDS } from "../../src/pdf/words.ts";
import { askAs } from "../support/askAs.ts";
import { stampbook as command } from "../support/cli.ts";
import { closeAnyway } from "../support/closing.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, windowAfter } from "../support/world.ts";

// Goal: a document leaves as JSON, CSV and PDF and says in each what was closed, to the last digit and in both languages.
// Method: one closed month with a correction on real engines; the PDF is read again by another library.

const HOUR = "2024-02-10T10:00:00Z";
const PERIOD = "2024-02";
const NAME = "=客户 & Söhne";

let opened: Awaited<ReturnType<typeof openStampbook>>;
let client: Client;
let correction: CorrectionInfo & { readonly number: string };

beforeAll(async () => {
  opened = closeAtEnd(await openStampbook({ now: "2024-02-01T00:00:00Z" }));
  ({ client } = opened);
  await registerNorth(opened);
  await client.map(NORTH, ids.customer);
  const entry = { displayName: NAME, offerType: "CSP", partner: "contoso", state: "Enabled" };
  await client.putCatalogueEntry(ids.customer, entry);
  opened.clock.set("2024-03-05T12:00:00Z");
  const send = (lines: readonly string[]) => client.takeIn("north", asLines(lines), windowAfter(HOUR));
  await send([
    hubRecord({ hour: HOUR, quantity: "1234567.123", resource: "/r/1" }),
    hubRecord({ hour: HOUR, quantity: "500", resource: "/r/3", localSubscription: ids.secondLocal }),
  ]);
  await closeAnyway(client, PERIOD);
  await send([hubRecord({ hour: HOUR, quantity: "77", resource: "/r/late" })]);
  await client.closing.issueCorrections(PERIOD, "contoso", "late usage");
  const [head] = await client.closing.corrections(PERIOD);
  correction = { ...(await client.closing.correction(head!.number)), number: head!.number };
});

async function exported(number: string, format: DocumentFormat, language?: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const of = language === undefined ? { format } : { format, language };
  await client.closing.exports.document(number, of, async (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}

const statementOf = async (payer: string) => {
  const found = (await client.statements(PERIOD)).find((so) => so.payer === payer)!;
  return await client.statement(found.number);
};

interface DocumentFile {
  readonly hash: string;
  readonly payerName: string | null;
  readonly content: { readonly number: string; readonly total: string; readonly lines: readonly object[] };
  readonly subtotals: { readonly byStamp: readonly object[]; readonly byMeter: readonly object[] };
}

test("JSON has the content that the hash is made from, so that whoever has the file can check it", async () => {
  const statement = await statementOf(ids.customer);
  for (const { number, total, hash, lines } of [{ ...statement }, { ...correction, hash: undefined }]) {
    const text = (await exported(number, "json")).toString("utf8");
    const file = JSON.parse(text) as DocumentFile;
    const canonical = canonicalJson(file.content);
    expect(text).toContain(canonical);
    expect(createHash("sha256").update(canonical).digest("hex")).toBe(file.hash);
    if (hash !== undefined) expect(file.hash).toBe(hash);
    expect(file).toMatchObject({
      payerName: NAME,
      content: { number, total },
      subtotals: { byStamp: [{ stamp: "north" }] },
    });
    expect(file.content.lines.length).toBe(lines.length);
  }
});

test("CSV has a row for each line, exact, and no cell that a spreadsheet computes", async () => {
  const statement = await statementOf(ids.customer);
  const rows = parse(await exported(statement.number, "csv"), { columns: true }) as Record<string, string>[];
  expect(rows).toMatchObject(
    statement.lines.map(({ line, quantity, amount, unitPrice, mappingChanges }) => {
      const whose = { document: statement.number, documentKind: "statement", payer: ids.customer, stamp: "north" };
      return { ...whose, line: String(line), quantity, amount, unitPrice, mappingChanges: mappingChanges.join(" ") };
    }),
  );
  const [told] = parse(await exported(correction.number, "csv"), { columns: true }) as Record<string, string>[];
  const [line] = correction.lines;
  expect(told).toMatchObject({
    corrects: correction.corrects,
    issuedIn: "2024-03",
    oldAmount: line!.old!.amount,
    newAmount: line!.new!.amount,
    amountDifference: line!.amountDifference,
    causes: "LateUsage",
  });
});

test.each(["en", "zh-Hans"] as const)("PDF in %s says what the document says", async (language) => {
  const words = WORDS[language];
  const statement = await statementOf(ids.customer);
  const bytes = await exported(statement.number, "pdf", language);
  const { text: pages } = await extractText(await getDocumentProxy(new Uint8Array(bytes)));
  const text = pages.join(" ").replaceAll(/\s+/g, " ");
  const { number, issuer, payer, period, currency, total, hash, priceSheet, lines } = statement;
  const known = [`${words.statement} ${number}`, issuer, `${NAME} (${payer})`, period, priceSheet, hash!];
  for (const part of known) expect(text).toContain(part);
  expect(text).toContain(words.closedAt("2024-03-05T12:00:00Z"));
  expect(text).toContain(`${words.total} ${groupedDigits(total)} ${currency}`);
  for (const { line, meterName, quantity, unit, unitPrice, priceUnit, tier, amount, priceVersion } of lines) {
    const numbers = [groupedDigits(quantity), unit, unitPrice, priceUnit, tier, groupedDigits(amount)].join(" ");
    expect(text).toContain(`${line} ${meterName} ${numbers} ${priceSheet.split(" ")[0]} v${priceVersion} #1`);
  }
  expect(text).toContain(words.subtotal("north"));
  expect(await exported(number, "pdf", language)).toEqual(bytes);

  const second = await extractText(
    await getDocumentProxy(new Uint8Array(await exported(correction.number, "pdf", language))),
  );
  const told = second.text.join(" ").replaceAll(/\s+/g, " ");
  const [line] = correction.lines;
  const amounts = [line!.old!.amount, words.at("0.046"), line!.new!.amount].map((amount) => groupedDigits(amount));
  expect(told).toContain(`${words.debit} ${correction.total} USD`);
  for (const part of [correction.corrects!, ...amounts, words.causes.LateUsage, "late usage"])
    expect(told).toContain(part);
});

test("a customer has its own documents in every form, and nobody else's; what is not closed has none", async () => {
  const ask = await askAs(opened.stampbook);
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
  const other = await statementOf(ids.registration);
  const own = await statementOf(ids.customer);
  for (const format of ["json", "csv", "pdf"]) {
    const path = (number: string) => `/v1/documents/${number}/exports/${format}`;
    expect((await ask("customer", "GET", path(own.number))).status).toBe(200);
    expect((await ask("customer", "GET", path(correction.number))).status).toBe(200);
    const refused = await ask("customer", "GET", path(other.number));
    expect([refused.status, refused.body.error.code]).toEqual([403, "AuthorizationFailed"]);
    await expect(client.call({ method: "GET", path: path("CONTOSO-999999") })).rejects.toMatchObject({
      code: "StatementNotFound",
    });
  }
  const lang = client.call({ method: "GET", path: `/v1/documents/${own.number}/exports/pdf?lang=fr` });
  await expect(lang).rejects.toMatchObject({ code: "InvalidParameter" });
  await ask.close();
});

test("why somebody pays is told by tenant, decision and hours, and what would be without it", async () => {
  const own = await statementOf(ids.customer);
  const explained = await client.closing.explainPayer(own.number);
  const [reason] = explained.reasons;
  expect(explained).toMatchObject({
    statement: { number: own.number, payer: ids.customer, state: "corrected", total: own.total },
    from: "2024-02-01T00:00:00Z",
    to: "2024-03-01T00:00:00Z",
    reasonsInAll: 1,
    capacity: [],
  });
  expect(reason).toMatchObject({
    stamp: "north",
    tenant: ids.tenant,
    to: explained.to,
    by: "mapping",
    change: { recordedBy: "local", recordedAt: "2024-02-01T00:00:00Z" },
    withoutMapping: ids.registration,
    localSubscriptions: [{ localSubscription: ids.local }],
    usage: [{ quantity: own.lines[0]!.quantity, unit: own.lines[0]!.unit, records: 1 }],
  });
  expect(reason!.from).toBe(reason!.change!.countsFrom);
  const [first, told] = explained.text;
  expect(first).toContain(`${ids.customer} pays ${own.number} of ${PERIOD}`);
  for (const part of ["north", ids.tenant, reason!.from, ids.local, `decision #${reason!.change!.id}`, "by local"]) {
    expect(told).toContain(part);
  }
  expect(told).toContain(
    `Without the mapping the subscription that registered the stamp would pay, ${ids.registration}.`,
  );

  const owner = await client.closing.explainPayer((await statementOf(ids.registration)).number);
  expect(owner.reasons).toMatchObject([{ by: "no-mapping", change: null, withoutMapping: ids.registration }]);
  expect(owner.text.join(" ")).toContain("Nobody has mapped the tenant for these hours");

  const corrected = await client.closing.explainPayer(correction.number);
  expect(corrected.reasons).toMatchObject([{ tenant: ids.tenant, by: "mapping", usage: [{ records: 2 }] }]);
  await expect(client.closing.explainPayer("CONTOSO-999999")).rejects.toMatchObject({ code: "StatementNotFound" });
});

test("why is told in Chinese to who reads it, and to nobody who may not see the statement", async () => {
  const ask = await askAs(opened.stampbook);
  await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
  const path = async (payer: string) => `/v1/statements/${(await statementOf(payer)).number}/why`;
  const { status, text } = await ask("customer", "GET", await path(ids.customer));
  expect(status).toBe(200);
  expect(text).toContain("Without the mapping");
  const refused = await ask("customer", "GET", await path(ids.registration));
  expect([refused.status, refused.body.error.code]).toEqual([403, "AuthorizationFailed"]);
  await ask.close();
  const chinese = await client.call<{ readonly text: readonly string[] }>({
    method: "GET",
    path: await path(ids.customer),
    headers: { "accept-language": "zh-CN" },
  });
  expect(chinese.text.join("")).toContain(`如果没有映射，则由注册该部署单元的订阅 ${ids.registration} 付费。`);
});

test("the command writes a whole file, or none", async () => {
  const { number } = await statementOf(ids.customer);
  const expected = await exported(number, "pdf", "zh-Hans");
  // The data folder is free for the command: this is the last test.
  await opened.close();
  opened.close = async () => undefined;
  const folder = temporaryFolder();
  const data = join(opened.folder, "data");
  const run = (...args: string[]) =>
    command(["--data-folder", data, "statements", "document", ...args], { cwd: folder });
  const done = await run(number, "--lang", "zh-Hans", "--output", "own.pdf", "--json");
  expect(done).toMatchObject({ status: 0 });
  const sha256 = createHash("sha256").update(expected).digest("hex");
  expect(JSON.parse(done.stdout)).toEqual({ file: "own.pdf", bytes: expected.length, sha256 });
  expect(readFileSync(join(folder, "own.pdf"))).toEqual(expected);
  expect((await run("CONTOSO-999999", "--format", "csv")).stderr).toContain("StatementNotFound");
  expect(readdirSync(folder)).toEqual(["own.pdf"]);
});
