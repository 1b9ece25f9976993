import { formatMeter } from "../../src/domain/ids.ts";
import { DEFAULT_PRICE_SHEET as SHEET } from "../../src/domain/rating/defaultPriceSheet.ts";
import { commerceMeterOf, isVerified, type Price, priceOf } from "../../src/domain/rating/priceSheet.ts";
import { CUSTOM_WORKER_TIER, type Meter, type MeterFacts, METERS } from "../../src/domain/usage/meterCatalogue.ts";
import { formatDecimal } from "../../src/lib/decimal.ts";
import { code, page, plain, table } from "./markdown.ts";

function amountText({ free, tiers, unit, hoursPerMonth }: Price): string {
  if (free) return "free of charge";
  const prices = tiers.map(({ from, unitPrice }) =>
    tiers.length === 1 ? formatDecimal(unitPrice) : `${formatDecimal(unitPrice)} from ${formatDecimal(from)}`,
  );
  const divided = hoursPerMonth === null ? "" : `; hours ÷ ${formatDecimal(hoursPerMonth)}`;
  return `${prices.join(", ")} per ${unit}${divided}`;
}

const sourceText = (price: Price): string => (isVerified(price) ? "published" : `**unverified** (${price.confidence})`);

const focusText = ({ focus }: MeterFacts): string =>
  `${focus.serviceCategory} / ${focus.serviceSubcategory} / ${focus.serviceName}, in ${focus.consumedUnit}`;

function row(meter: Meter): readonly string[] {
  const { id, name, unit, status } = meter;
  const price = priceOf(SHEET, id);
  const commerce = commerceMeterOf(SHEET, id);
  const priced = price === undefined ? ["no price", "", ""] : [amountText(price), sourceText(price), plain(price.note)];
  return [
    plain(name),
    code(formatMeter(id)),
    unit,
    status,
    focusText(meter),
    commerce === id ? "" : code(formatMeter(commerce)),
    ...priced,
  ];
}

const TITLES = ["Meter", "Id", "Unit", "Status", "FOCUS", "Commerce meter", "Price", "Source of the price", "Note"];

export function metersPage(): string {
  const providers = Map.groupBy(METERS.values(), ({ resourceProvider }) => resourceProvider);
  const { id, name, currency, rounding } = SHEET;
  const rule = rounding.mode === "down" ? "truncated" : `rounded ${rounding.mode}`;
  return page([
    "# Meters and prices",
    `The meters that Stampbook knows, and what the default price sheet says of them: ${plain(name)} (${code(id)}), in ${currency}. The amount of each statement line is ${rule} to ${rounding.scale} decimals.`,
    `- Usage of a meter that is not here is parked with reason \`UnknownMeter\` until somebody adds it or maps it: \`stampbook meters add\`, \`stampbook meters map\`. Custom worker tiers of App Service have ids that each stamp computes; a meter that is added is taken for one (${focusText(CUSTOM_WORKER_TIER)}, unit ${CUSTOM_WORKER_TIER.unit}) where nothing else is said.\n- Usage of a meter with no price is parked with reason \`NoPrice\`.\n- \`free of charge\`: stored and attributed, unpriced by rule.\n- \`hours ÷ 720\`: the meter counts hours, the price is for a month; the amount is divided.\n- FOCUS: service category, subcategory and service, and the unit consumed. All of it is inferred; FOCUS has no list of meters.\n- Commerce meter: what the price sheet prices, where it is not the meter itself.\n- **unverified**: no published source says exactly this. \`unsure\`: no source at all; \`medium\`: a source that leaves room for doubt. Confirm such a price before billing with it.`,
    ...[...providers].flatMap(([provider, meters]) => [`## ${provider}`, table(TITLES, meters.map(row))]),
  ]);
}
