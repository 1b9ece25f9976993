import { add, canonical, type Decimal, decimal, divide, formatDecimal, multiply, ZERO } from "../../lib/decimal.ts";
import { formatInstant } from "../../lib/instant.ts";
import { rememberLast } from "../../lib/remember.ts";
import { formatMeter, hourStartMs } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import type { CorrectionLine } from "../statement/correction.ts";
import type { DocumentHead } from "../statement/document.ts";
import type { LineFacts, OwnFacts } from "../statement/lineFacts.ts";
import type { SharedLine } from "../statement/packedLines.ts";
import type { Period } from "../statement/period.ts";
import type { StatementLine } from "../statement/statement.ts";
import type { FocusFacts } from "../usage/meterCatalogue.ts";
import type { FocusCells, FocusFigures, FocusRow } from "./columns.ts";

/** Names that documents do not have. */
export interface FocusNames {
  readonly stampName: (registration: number) => string;
  readonly focusOf: (meter: StatementLine["meter"]) => FocusFacts | undefined;
}

/** What the rows of a document are made with, beside the document. */
export interface FocusContext {
  /** The period that the document is billed in: of a correction the one that it is issued in. */
  readonly billingPeriod: Period;
  /** The period whose usage it is about. */
  readonly chargePeriod: Period;
  /** Undefined where the catalogue does not know the payer. */
  readonly payerName: string | undefined;
}

/** What rows tell of their document. */
export type FocusDocument = Pick<
  DocumentHead,
  "number" | "kind" | "level" | "payer" | "issuer" | "currency" | "corrects"
>;

const ONE = decimal("1");

/** A number as FOCUS has it, with a point in it: 16.0. */
export const point = (text: string): string => (text.includes(".") ? text : `${text}.0`);
const number = (value: Decimal): string => point(formatDecimal(value));

/** Of what is sold by capacity, which no meter counts. */
const CAPACITY: FocusFacts = {
  serviceCategory: "Compute",
  serviceSubcategory: "Other (Compute)",
  serviceName: "Azure Stack Hub capacity",
  consumedUnit: "Core-Days",
};
const UNKNOWN: FocusFacts = {
  serviceCategory: "Other",
  serviceSubcategory: "Other (Other)",
  serviceName: "Azure Stack Hub",
  consumedUnit: "Units",
};

/**
 * Makes one row for each line of a document; what rows share is worked out once. What FOCUS calls an invoice is a statement or
 * a correction.
 */
export function focusRows(
  names: FocusNames,
): (document: FocusDocument, context: FocusContext) => (line: SharedLine | CorrectionLine) => FocusRow {
  const chargeOf = rememberedCharges(names);
  const [billed, charged] = [rememberLast(hoursOf), rememberLast(hoursOf)];
  return (head, { billingPeriod, chargePeriod, payerName }) => {
    const document = documentCells(head, payerName, [billed(billingPeriod), charged(chargePeriod)]);
    const stampOf = lastStamp(names);
    return (line) => {
      if ("key" in line) {
        const side = (line.new ?? line.old)!;
        const charge = chargeOf(side);
        return {
          document,
          charge: charge.corrected(line.causes.join(", ")),
          stamp: stampOf(side),
          line: correctionFigures(line, side),
        };
      }
      const charge = chargeOf(line.facts);
      return { document, charge: charge.cells, stamp: stampOf(line.own), line: statementFigures(charge, line.own) };
    };
  };
}

/** The bounds of a period as texts: very many documents have the same. */
interface Hours {
  readonly start: string;
  readonly end: string;
}

const hoursOf = ({ from, to }: Period): Hours => ({
  start: formatInstant(hourStartMs(from)),
  end: formatInstant(hourStartMs(to)),
});

function documentCells(
  document: FocusDocument,
  payerName: string | undefined,
  [billed, charged]: readonly [Hours, Hours],
): FocusCells<"document"> {
  return {
    BillingAccountId: document.payer,
    BillingAccountName: payerName ?? null,
    BillingAccountType: document.level,
    BillingCurrency: document.currency,
    BillingPeriodStart: billed.start,
    BillingPeriodEnd: billed.end,
    ChargeClass: document.kind === "correction" ? "Correction" : null,
    ChargePeriodStart: charged.start,
    ChargePeriodEnd: charged.end,
    InvoiceId: document.number,
    InvoiceIssuerName: document.issuer,
    ProviderName: document.issuer,
    PublisherName: document.issuer,
    x_Corrects: document.corrects,
  };
}

/** Lines of a stamp follow each other. */
function lastStamp({ stampName }: FocusNames): (own: OwnFacts) => FocusCells<"stamp"> {
  let last: { readonly own: OwnFacts; readonly cells: FocusCells<"stamp"> } | undefined;
  return (own) => {
    const { registration, mappingChanges } = own;
    if (last?.own.registration === registration && last.own.mappingChanges === mappingChanges) return last.cells;
    const name = stampName(registration);
    const cells = {
      SubAccountId: name,
      SubAccountName: name,
      SubAccountType: "Stamp",
      x_MappingChanges: mappingChanges.length === 0 ? null : mappingChanges.join(" "),
    };
    last = { own, cells };
    return cells;
  };
}

/** What rows tell of a line's meter, price and tier: the same on very many lines. */
interface Charge {
  readonly facts: LineFacts;
  readonly hours: Decimal;
  readonly contractedPrice: Decimal;
  readonly listPrice: Decimal;
  /** On a statement. */
  readonly cells: FocusCells<"charge">;
  /** On a correction, with its causes. */
  readonly corrected: (causes: string) => FocusCells<"charge">;
}

/** What the cells of a charge are made of. */
const TOLD = [
  "kind",
  "commerceMeter",
  "meterName",
  "tier",
  "listPrice",
  "effectiveUnitPrice",
  "priceUnit",
  "hoursPerMonth",
  "pricingCurrency",
  "fxRate",
  "priceSheet",
  "priceVersion",
] as const satisfies readonly (keyof LineFacts)[];

/** Charges that are remembered of one meter: its prices and tiers. */
const CHARGES_OF_METER_MAX = 100;

/** Facts of lines that were kept once are one object; others are alike. */
function rememberedCharges({ focusOf }: FocusNames): (facts: LineFacts) => Charge {
  const made = new WeakMap<LineFacts, Charge>();
  const byMeter = new Map<LineFacts["meter"], Charge[]>();
  return (facts) => {
    const known = made.get(facts);
    if (known !== undefined) return known;
    const ofMeter = byMeter.get(facts.meter) ?? byMeter.set(facts.meter, []).get(facts.meter)!;
    const alike = ofMeter.find((so) => TOLD.every((member) => so.facts[member] === facts[member]));
    const charge = alike ?? chargeOfFacts(facts, focusOf);
    if (alike === undefined && ofMeter.length < CHARGES_OF_METER_MAX) ofMeter.push(charge);
    made.set(facts, charge);
    return charge;
  };
}

function chargeOfFacts(facts: LineFacts, focusOf: FocusNames["focusOf"]): Charge {
  const fx = facts.fxRate === null ? ONE : decimal(facts.fxRate);
  const [contractedPrice, listPrice] = [facts.effectiveUnitPrice, facts.listPrice].map((price) =>
    multiply(decimal(price), fx),
  ) as [Decimal, Decimal];
  const focus = focusOf(facts.meter) ?? (facts.kind === "capacity" ? CAPACITY : UNKNOWN);
  const common = commonCells(facts, focus);
  const isMinimum = facts.kind === "minimum";
  const price = (text: string): string | null => (isMinimum ? null : text);
  return {
    facts,
    hours: facts.hoursPerMonth === null ? ONE : decimal(facts.hoursPerMonth),
    contractedPrice,
    listPrice,
    cells: {
      ...common,
      ChargeDescription: isMinimum ? `${facts.meterName}: up to the minimum of the price` : facts.meterName,
      ContractedUnitPrice: price(number(contractedPrice)),
      ListUnitPrice: price(number(listPrice)),
      PricingCurrencyContractedUnitPrice: price(point(facts.effectiveUnitPrice)),
      PricingCurrencyListUnitPrice: price(point(facts.listPrice)),
      PricingUnit: price(facts.priceUnit),
    },
    // It has no price that would make costs of quantities.
    corrected: rememberLast((causes: string) => ({
      ...common,
      ChargeDescription: `${facts.meterName}: corrected${causes === "" ? "" : `, ${causes}`}`,
      ContractedUnitPrice: null,
      ListUnitPrice: null,
      PricingCurrencyContractedUnitPrice: null,
      PricingCurrencyListUnitPrice: null,
      PricingUnit: null,
    })),
  };
}

/** What charges of both kinds have. */
function commonCells(facts: LineFacts, focus: FocusFacts) {
  const commerceMeter = formatMeter(facts.commerceMeter);
  const isUsage = facts.kind === "usage";
  return {
    ChargeCategory: isUsage ? "Usage" : "Purchase",
    ChargeFrequency: isUsage ? "Usage-Based" : "Recurring",
    CommitmentDiscountStatus: null,
    ConsumedUnit: isUsage ? focus.consumedUnit : null,
    PricingCategory: "Standard",
    PricingCurrency: facts.pricingCurrency,
    // A line adds up many resources; which ones its explanation tells.
    ResourceId: null,
    ResourceName: null,
    ResourceType: null,
    ServiceCategory: focus.serviceCategory,
    ServiceName: focus.serviceName,
    ServiceSubcategory: focus.serviceSubcategory,
    SkuId: formatMeter(facts.meter),
    SkuMeter: facts.meterName,
    SkuPriceId: `${facts.priceSheet}/${facts.priceVersion}/${commerceMeter}`,
    x_ChargeKind: facts.kind,
    x_CommerceMeterId: commerceMeter,
    x_FxRate: facts.fxRate === null ? null : point(facts.fxRate),
    x_PriceSheet: facts.priceSheet,
    x_PriceVersion: point(String(facts.priceVersion)),
    x_Tier: point(String(facts.tier)),
  };
}

/** Costs of list and contract are unit price × quantity as they are told; what is billed is the line's own amount. */
function statementFigures({ facts, hours, contractedPrice, listPrice }: Charge, own: OwnFacts): FocusFigures {
  const isMinimum = facts.kind === "minimum";
  const amount = decimal(own.amount);
  const priced = decimal(own.pricedQuantity);
  const quantity =
    hours === ONE && priced.scale <= LIMITS.quantityDecimalsMax
      ? priced
      : divide(priced, hours, LIMITS.quantityDecimalsMax, "half-even");
  const contractedCost = isMinimum ? amount : canonical(multiply(contractedPrice, quantity));
  const isListed = facts.listPrice === facts.effectiveUnitPrice;
  return {
    BilledCost: amount,
    ConsumedQuantity:
      facts.kind === "usage" ? (own.quantity === own.pricedQuantity ? priced : decimal(own.quantity)) : null,
    ContractedCost: contractedCost,
    EffectiveCost: amount,
    ListCost: isMinimum || isListed ? contractedCost : canonical(multiply(listPrice, quantity)),
    PricingCurrencyEffectiveCost: own.pricedAmount === own.amount ? amount : decimal(own.pricedAmount),
    PricingQuantity: isMinimum ? null : canonical(quantity),
  };
}

/** A difference of an earlier period: it has costs and a quantity. */
function correctionFigures(correction: CorrectionLine, { kind }: LineFacts): FocusFigures {
  const cost = decimal(correction.amountDifference);
  return {
    BilledCost: cost,
    ConsumedQuantity: kind === "usage" ? decimal(correction.quantityDifference) : null,
    ContractedCost: cost,
    EffectiveCost: cost,
    ListCost: cost,
    PricingCurrencyEffectiveCost: null,
    PricingQuantity: null,
  };
}

/** What rows come to; all rows of a document must come to its total. */
export const billedOf = (rows: readonly FocusRow[]): Decimal =>
  rows.reduce((all, { line }) => add(all, line.BilledCost!), ZERO);
