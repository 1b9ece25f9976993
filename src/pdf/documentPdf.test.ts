import { expect, test } from "vitest";
import { extractText, getDocumentProxy } from "unpdf";
import { LANGUAGES } from "../domain/faults/fault.ts";
import type { IssuedDocument } from "../domain/statement/document.ts";
import { add, decimal, formatFixed, ZERO } from "../lib/decimal.ts";
import { documentPdf } from "./documentPdf.ts";
import { groupedDigits } from "./groupedDigits.ts";
import { linesOf, shownText, widthOf } from "./text.ts";
import { WORDS } from "./words.ts";

// Goal: a long statement says every line, goes on over pages with its heading and their number, and is the same each time.
// Method: a made-up statement of some hundred lines; the PDF is read again by another library.

const LINES = 230;
const LINES_OF_STAMP = 100;

const statementLine = (n: number) => ({
  line: n,
  kind: n % 11 === 0 ? "minimum" : "usage",
  registration: Math.ceil(n / LINES_OF_STAMP),
  meter: `meter-${n % 7}`,
  meterName: `Meter ${n % 7}`,
  unit: "vcpu-hour",
  quantity: `${n * 7919}.${n}`,
  factor: n % 9 === 0 ? "1/1024" : "1",
  pricedQuantity: `${n}.5`,
  tier: n % 3,
  tierFrom: n % 3 === 0 ? "0" : "1000",
  tierTo: n % 2 === 0 ? null : "100000",
  listPrice: "0.05",
  effectiveUnitPrice: n % 2 === 0 ? "0.046" : "0.05",
  priceUnit: "vCPU-hour",
  hoursPerMonth: n % 5 === 0 ? "744" : null,
  pricingCurrency: n % 7 === 0 ? "EUR" : "USD",
  pricedAmount: `${n}.11`,
  fxRate: n % 7 === 0 ? "1.0843" : null,
  amount: `${n * 31}.12`,
  priceSheet: "default-2019-12",
  priceVersion: 3,
  priceVerified: n % 10 !== 0,
  mappingChanges: n % 4 === 0 ? [n, n + 1] : [],
});

const all = Array.from({ length: LINES }, (_, i) => statementLine(i + 1));
const total = formatFixed(
  all.reduce((so, { amount }) => add(so, decimal(amount)), ZERO),
  2,
);

const long = {
  document: {
    number: "CONTOSO-000042",
    kind: "statement",
    hash: "ab".repeat(32),
    level: "customer",
    payer: "20000000-0000-4000-8000-000000000002",
    issuer: "contoso",
    partner: "contoso",
    period: "2024-02",
    currency: "USD",
    priceSheet: "default-2019-12 v3",
    total,
  },
  closing: { closedAtMs: 1_709_640_000_000, knownUntilMs: 1_709_640_000_000, from: 474_096, to: 474_792 },
  lineCount: LINES,
  payerName: "客户 😀 Wärme",
  stampName: (registration: number) => `stamp-${registration}`,
  async *pieces() {
    for (let at = 0; at < LINES; at += LINES_OF_STAMP) yield all.slice(at, at + LINES_OF_STAMP);
  },
} as unknown as IssuedDocument;

async function pdf(language: (typeof LANGUAGES)[number]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of documentPdf(long, language)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test.each(LANGUAGES)("a long statement in %s: every line, heading and number of its pages", async (language) => {
  const words = WORDS[language];
  const bytes = await pdf(language);
  const { text: pages } = await extractText(await getDocumentProxy(new Uint8Array(bytes)));
  expect(pages.length).toBeGreaterThan(3);
  for (const [i, page] of pages.entries()) {
    expect(page).toContain(words.page(i + 1, pages.length));
    expect(page).toContain("ab".repeat(32));
    expect(page).toContain("CONTOSO-000042");
  }
  const tables = pages.filter((page) => page.includes(words.columns.quantity) && page.includes(words.columns.mapping));
  expect(tables.length).toBeGreaterThanOrEqual(pages.length - 1);
  const text = pages.join("\n").replaceAll(/\s+/g, " ");
  for (const line of all) {
    const { quantity, amount, meterName } = line;
    const told = new RegExp(`${line.line} ${meterName} .*?${groupedDigits(quantity)} .*?${groupedDigits(amount)} `);
    expect(told.test(text), String(line.line)).toBe(true);
  }
  expect(text).toContain("客户 [U+1F600] Wärme");
  expect(text).toContain(`${groupedDigits(total)} USD`);
  for (const stamp of ["stamp-1", "stamp-2", "stamp-3"]) expect(text).toContain(words.subtotal(stamp));
  expect(text).toContain(words.unverified);
  expect(text).toContain("= 9.5 vCPU-hour");
  expect(text).toContain("7.11 EUR × 1.0843");
  expect(text).toContain("#4, #5");
  expect(await pdf(language)).toEqual(bytes);
});

test("lines are broken where a reader expects it, and never wider than their column", () => {
  for (const text of [
    "a rather long name of a meter",
    "20000000-0000-4000-8000-000000000002",
    "每个部署单元的用量，和价格。",
    "9".repeat(80),
  ]) {
    const lines = linesOf(text, "regular", 8, 60);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    for (const line of lines) expect(widthOf(line, "regular", 8), line).toBeLessThanOrEqual(60);
    expect(lines.some((line) => /^[，。]/.test(line))).toBe(false);
  }
  expect(shownText("a\tb\u0000 ё")).toBe("a b  ё".replace("ё", shownText("ё")));
});

test("digits are grouped and stay the same", () => {
  expect(["0", "999", "1000", "-1234567.8901", "12345678901234567890.5"].map(groupedDigits)).toEqual([
    "0",
    "999",
    "1,000",
    "-1,234,567.8901",
    "12,345,678,901,234,567,890.5",
  ]);
});
