import { Fault } from "../faults/fault.ts";

/** What a file can say of a row, by our names. */
export const OUR_COLUMNS = [
  "payer",
  "party",
  "level",
  "stamp",
  "meter",
  "localMeter",
  "meterName",
  "day",
  "periodStart",
  "eventTime",
  "additionalInfo",
  "quantity",
  "localQuantity",
  "unitPrice",
  "amount",
  "currency",
] as const;
export type OurColumn = (typeof OUR_COLUMNS)[number];

/** Our names for the columns of a file; null: the file's shape has it, and it is not to be read. */
export type ColumnMap = Readonly<Partial<Record<OurColumn, string | null>>>;

interface Shape {
  readonly name: string;
  /** By these columns a file of this shape is known. */
  readonly marks: readonly string[];
  readonly columns: ColumnMap;
}

/**
 * Files that are known by their header. Partner Center's daily-rated usage and invoice line items (contract/usage.md §8):
 * quantities are in the unit that is priced, prices after credits, amounts before tax in the billing currency. And FOCUS.
 */
export const SHAPES: readonly Shape[] = [
  {
    name: "daily-rated-usage",
    marks: ["SubscriptionId", "UsageDate", "Quantity", "BillingPreTaxTotal"],
    columns: {
      payer: "SubscriptionId",
      // Whose row it is where it is no customer's.
      party: "CustomerId",
      meter: "MeterId",
      meterName: "MeterName",
      day: "UsageDate",
      periodStart: "ChargeStartDate",
      additionalInfo: "AdditionalInfo",
      quantity: "Quantity",
      unitPrice: "EffectiveUnitPrice",
      amount: "BillingPreTaxTotal",
      currency: "BillingCurrency",
    },
  },
  {
    name: "invoice-line-item",
    marks: ["SubscriptionId", "Quantity", "Subtotal", "MeterDescription"],
    columns: {
      payer: "SubscriptionId",
      meterName: "MeterDescription",
      periodStart: "ChargeStartDate",
      quantity: "BillableQuantity",
      unitPrice: "EffectiveUnitPrice",
      amount: "Subtotal",
      currency: "Currency",
    },
  },
  {
    name: "focus",
    marks: ["BillingAccountId", "SkuId", "BilledCost", "ConsumedQuantity"],
    columns: {
      payer: "BillingAccountId",
      level: "BillingAccountType",
      stamp: "SubAccountId",
      localMeter: "SkuId",
      meterName: "SkuMeter",
      periodStart: "ChargePeriodStart",
      localQuantity: "ConsumedQuantity",
      amount: "BilledCost",
      currency: "BillingCurrency",
    },
  },
];

/** How meters of a file are known: by the id that is priced, by the stamp's id, or by a name. */
export type MeterGrain = "commerce" | "local" | "name";

/** Where a file has what, and what of it is compared. */
export interface Layout {
  /** Undefined where only a map says what the columns are. */
  readonly shape: string | undefined;
  /** Places of columns in a row. */
  readonly at: Readonly<Partial<Record<OurColumn, number>>>;
  /** The file's own names, to tell of what is wrong. */
  readonly names: Readonly<Partial<Record<OurColumn, string>>>;
  readonly width: number;
  readonly grain: MeterGrain;
}

const shapeOf = (header: readonly string[]): Shape | undefined => {
  const has = new Set(header.map((name) => name.toLowerCase()));
  return SHAPES.find(({ marks }) => marks.every((mark) => has.has(mark.toLowerCase())));
};

const missing = (column: string, header: readonly string[]): Fault =>
  new Fault("ReconciliationColumnMissing", { column, columns: header.join(", ") });

/**
 * Finds the columns of a file: those of the shape that its header tells, and those that a map names, which comes first.
 * @throws Fault ReconciliationColumnMissing where the map names one that the file has not, or where payer, meter, or both
 * quantity and amount are nowhere; ReconciliationFileUnreadable where a column that is needed is there twice
 */
export function layoutOf(header: readonly string[], map: ColumnMap): Layout {
  const shape = shapeOf(header);
  const at: Partial<Record<OurColumn, number>> = {};
  const names: Partial<Record<OurColumn, string>> = {};
  const lower = header.map((name) => name.toLowerCase());
  for (const ours of OUR_COLUMNS) {
    const wanted = map[ours];
    const name = wanted === undefined ? shape?.columns[ours] : wanted;
    if (name === undefined || name === null) continue;
    const place = lower.indexOf(name.trim().toLowerCase());
    if (place === -1) {
      if (wanted !== undefined) throw missing(name, header);
      continue;
    }
    if (lower.lastIndexOf(lower[place]!) !== place) {
      throw new Fault("ReconciliationFileUnreadable", { reason: `its header has the column ${header[place]} twice` });
    }
    at[ours] = place;
    names[ours] = header[place]!;
  }
  if (at.payer === undefined) throw missing("payer", header);
  if (at.quantity === undefined && at.localQuantity === undefined && at.amount === undefined) {
    throw missing("quantity", header);
  }
  return { shape: shape?.name, at, names, width: header.length, grain: grainOf(at, header) };
}

/** @throws Fault ReconciliationColumnMissing */
function grainOf(at: Layout["at"], header: readonly string[]): MeterGrain {
  if (at.meter !== undefined) return "commerce";
  if (at.localMeter !== undefined || at.additionalInfo !== undefined) return "local";
  if (at.meterName !== undefined) return "name";
  throw missing("meter", header);
}
