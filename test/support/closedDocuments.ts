import { decimal, formatFixed, sum } from "../../src/lib/decimal.ts";
import { type Hour, type MeterId, registrationId } from "../../src/domain/ids.ts";
import type { CorrectionLine } from "../../src/domain/statement/correction.ts";
import type { Closing, CorrectionContent } from "../../src/domain/statement/document.ts";
import type { StatementContent, StatementLine } from "../../src/domain/statement/statement.ts";

/** The period that they are of. */
export const PERIOD = "2024-02";
const METERS = 7;
const LINES_OF_STAMP = 402;

/** Lines of stamps, the second of which is paid by two mappings; some share all facts, some have one of their own. */
export function lineAt(number: number): StatementLine {
  const stamp = Math.floor(number / LINES_OF_STAMP);
  const [meter, isMinimum] = [number % METERS, number % 101 === 0];
  return {
    line: number,
    kind: isMinimum ? "minimum" : "usage",
    registration: registrationId(stamp + 1),
    meter: `m${meter}` as MeterId,
    commerceMeter: `c${meter}` as MeterId,
    meterName: `Meter "${meter}" \u2028`,
    unit: "hours",
    quantity: `${number}.5`,
    factor: meter === 3 ? "1/1073741824" : "1",
    pricedQuantity: meter === 3 ? "0.000000001" : `${number}.5`,
    tier: 1,
    tierFrom: "0",
    tierTo: meter === 2 ? "100" : null,
    listPrice: "0.10",
    unitPrice: "0.1",
    effectiveUnitPrice: number % 50 === 0 ? `0.${number}` : "0.1",
    priceUnit: "1 hour",
    hoursPerMonth: meter === 1 ? "744" : null,
    pricingCurrency: "USD",
    pricedAmount: `${number}.10`,
    fxRate: meter === 4 ? "0.92" : null,
    amount: meter === 4 ? `${number}.00` : `${number}.10`,
    priceSheet: "s",
    priceVersion: 2,
    priceAssignment: meter === 5 ? 4 : null,
    priceVerified: true,
    records: number,
    mappingChanges: stamp === 1 ? [3, 17] : [],
  };
}

const PARTIES = { level: "customer", issuer: "Contoso", partner: "contoso", period: PERIOD, currency: "EUR" } as const;

/** Their total is what their lines come to. */
export const statementOf = (payer: string, lines: number): { readonly kind: "statement" } & StatementContent => ({
  kind: "statement",
  ...PARTIES,
  payer,
  priceSheet: "s v2",
  total: formatFixed(sum(Array.from({ length: lines }, (_, i) => decimal(lineAt(i + 1).amount))), 2),
  lines: Array.from({ length: lines }, (_, i) => lineAt(i + 1)),
});

export const correctionOf = (payer: string, corrects: string): { readonly kind: "correction" } & CorrectionContent => ({
  kind: "correction",
  ...PARTIES,
  payer,
  issuedIn: "2024-03",
  corrects,
  reason: "late",
  causes: [],
  total: "700.00",
  lines: Array.from(
    { length: 700 },
    (_, i): CorrectionLine => ({
      line: i + 1,
      key: `k${i}`,
      old: i % 2 === 0 ? null : lineAt(i + 1),
      new: lineAt(i + 2),
      quantityDifference: "1",
      amountDifference: "1.00",
      causes: ["LateUsage"],
    }),
  ),
});

export const CLOSING = {
  kind: "close",
  period: PERIOD,
  from: 0 as Hour,
  to: 1 as Hour,
  partner: "contoso",
  knownUntilMs: 1,
  lastBatch: 1,
  mark: {},
  closedAtMs: 1,
  closedBy: "test",
  conservation: {},
  checks: [],
  accepted: [],
  setAside: [],
  remaining: 0,
  reason: "",
} as unknown as Omit<Closing, "id">;
