import { parse } from "csv-parse/sync";

// Rules of FOCUS 1.2, written from the specification's column list and apart from the product.

const MANDATORY_NOT_NULL = [
  "BilledCost",
  "BillingAccountId",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "ContractedCost",
  "EffectiveCost",
  "InvoiceIssuerName",
  "ListCost",
  "ProviderName",
  "PublisherName",
  "ServiceCategory",
  "ServiceName",
];
const MANDATORY = [
  ...MANDATORY_NOT_NULL,
  "BillingAccountName",
  "ChargeClass",
  "ChargeDescription",
  "PricingQuantity",
  "PricingUnit",
];
const TIMES = ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"];
const DECIMALS = [
  "BilledCost",
  "ConsumedQuantity",
  "ContractedCost",
  "ContractedUnitPrice",
  "EffectiveCost",
  "ListCost",
  "ListUnitPrice",
  "PricingCurrencyContractedUnitPrice",
  "PricingCurrencyEffectiveCost",
  "PricingCurrencyListUnitPrice",
  "PricingQuantity",
];
const NEVER_NEGATIVE = ["ContractedUnitPrice", "ListUnitPrice"];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ChargeCategory: ["Usage", "Purchase", "Tax", "Credit", "Adjustment"],
  ChargeClass: ["", "Correction"],
  ChargeFrequency: ["One-Time", "Recurring", "Usage-Based"],
  PricingCategory: ["", "Standard", "Dynamic", "Committed", "Other"],
  ServiceCategory: [
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Multicloud",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Networking",
    "Security",
    "Storage",
    "Web",
    "Other",
  ],
};

export type FocusRecord = Readonly<Record<string, string>>;

export const readFocus = (csv: string): readonly FocusRecord[] => parse(csv, { columns: true }) as FocusRecord[];

/** Every rule that a row breaks, in words. */
export function brokenFocusRules(rows: readonly FocusRecord[]): readonly string[] {
  const broken: string[] = [];
  const columns = Object.keys(rows[0] ?? {});
  for (const column of MANDATORY) if (!columns.includes(column)) broken.push(`the column ${column} is missing`);
  const own = columns.findIndex((column) => column.startsWith("x_"));
  if (own >= 0 && columns.slice(own).some((column) => !column.startsWith("x_")))
    broken.push("own columns are not last");
  rows.forEach((row, i) => {
    const breaks = (rule: string): void => void broken.push(`row ${i + 1}: ${rule}`);
    for (const column of MANDATORY_NOT_NULL) if (row[column] === "") breaks(`${column} is null`);
    for (const column of TIMES) {
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(row[column]!)) breaks(`${column} is no time: ${row[column]}`);
    }
    for (const column of DECIMALS) {
      const text = row[column];
      if (text !== "" && !/^-?\d+\.\d+$/.test(text!)) breaks(`${column} is no decimal: ${text}`);
      if (NEVER_NEGATIVE.includes(column) && text!.startsWith("-")) breaks(`${column} is negative`);
    }
    for (const [column, allowed] of Object.entries(ALLOWED)) {
      if (!allowed.includes(row[column]!)) breaks(`${column} may not be '${row[column]}'`);
    }
    if (!/^[A-Z]{3}$/.test(row["BillingCurrency"]!)) breaks("BillingCurrency is no currency code");
    if (row["BillingPeriodStart"]! >= row["BillingPeriodEnd"]!) breaks("the billing period ends before it begins");
    if (row["ChargePeriodStart"]! >= row["ChargePeriodEnd"]!) breaks("the charge period ends before it begins");
    if (row["ProviderName"] !== row["InvoiceIssuerName"] && row["BilledCost"] !== "0.0") {
      breaks("who provides is not who bills");
    }
    const isEarlier = row["ChargePeriodStart"]! < row["BillingPeriodStart"]!;
    if (isEarlier && row["ChargeClass"] !== "Correction")
      breaks("an earlier period is billed, and it is no correction");
    if (row["ChargeCategory"] === "Usage" && row["ConsumedQuantity"] === "") breaks("usage has no consumed quantity");
    if ((row["ConsumedQuantity"] === "") !== (row["ConsumedUnit"] === ""))
      breaks("a quantity has no unit, or a unit no quantity");
  });
  return broken;
}
