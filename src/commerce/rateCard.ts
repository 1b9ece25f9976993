import type { FastifyRequest } from "fastify";
import { COMMERCE } from "../arm/apiVersions.ts";
import { SUBSCRIPTION } from "../arm/armRoute.ts";
import { subscriptionOf } from "../arm/request.ts";
import { modelTags, type RatedMeter, ratedMeters } from "../domain/commerce/rateCard.ts";
import { parseRateCardFilter } from "../domain/commerce/rateCardFilter.ts";
import { invalidProperty } from "../domain/commerce/reportedRange.ts";
import { formatMeter, hourOf, hourStartMs } from "../domain/ids.ts";
import type { PublishedSheet } from "../domain/rating/priceBook.ts";
import type { PriceSheet } from "../domain/rating/priceSheet.ts";
import { METERS } from "../domain/usage/meterCatalogue.ts";
import type { Answer, Route } from "../http/route.ts";
import { formatDecimal } from "../lib/decimal.ts";
import { exactNumber } from "../lib/exactJson.ts";
import { formatInstant } from "../lib/instant.ts";
import { pricedParty } from "../operations/commerce/pricedParty.ts";
import type { Context } from "../operations/context.ts";
import { loadMeters } from "../operations/meters/read.ts";
import { loadPriceBook } from "../operations/prices/read.ts";
import { findSubscription } from "../operations/subscriptions/find.ts";
import { commerceRoute } from "./commerceRoute.ts";
import { given } from "./usageAggregates.ts";

/** Prices of now, as a customer pays them: what is assigned to the subscription, with mark-ups and credit. */
async function run(context: Context, request: FastifyRequest): Promise<Answer> {
  const filter = parseRateCardFilter(given(request, "$filter") ?? "");
  const nowMs = context.clock.now();
  const hour = hourOf(nowMs);
  const book = await loadPriceBook(context, nowMs);
  const terms = book.termsAt("customer", await pricedParty(context, subscriptionOf(request), nowMs), hour);
  const { currency } = terms.sheet;
  if (filter.currency.toUpperCase() !== currency) {
    throw invalidProperty("Currency", filter.currency, `these prices are in ${currency}`);
  }
  const from = isPublished(terms.sheet) ? formatInstant(hourStartMs(terms.sheet.from)) : BUILT_IN_FROM;
  const meters = ratedMeters({ book, meters: await loadMeters(context.control, nowMs) }, terms, hour);
  return {
    status: 200,
    body: {
      OfferTerms: [],
      Meters: meters.map((so) => meterBody(so, from)),
      Currency: currency,
      Locale: filter.locale,
      IsTaxIncluded: false,
    },
  };
}

const isPublished = (sheet: PriceSheet): sheet is PublishedSheet => "from" in sheet;

/** The built-in sheet counts from the beginning; no usage is older. */
const BUILT_IN_FROM = "2015-01-01T00:00:00Z";
/** As a Hub's usage is called in Azure's own price lists (contract/usage.md §5). */
const REGION = "Azure Stack";
const CATEGORY = "Azure Stack Hub";

const meterBody = ({ meter, price }: RatedMeter, from: string) => ({
  MeterId: formatMeter(meter),
  MeterName: METERS.get(meter)?.name ?? price.name,
  MeterCategory: CATEGORY,
  MeterSubCategory: price.name,
  Unit: price.unit,
  MeterTags: modelTags(price, formatDecimal),
  MeterRegion: price.region ?? REGION,
  MeterRates: Object.fromEntries(
    price.tiers.map((tier) => [formatDecimal(tier.from), exactNumber(formatDecimal(tier.unitPrice))]),
  ),
  EffectiveDate: from,
  IncludedQuantity: exactNumber(formatDecimal(price.includedQuantity)),
});

export const RATE_CARD_ROUTES: readonly Route[] = [
  commerceRoute({
    path: `${SUBSCRIPTION}/providers/${COMMERCE}/RateCard`,
    summary: "Prices of now from the price sheet that counts for a subscription.",
    query: { $filter: "OfferDurableId eq '…' and Currency eq '…' and Locale eq '…' and RegionInfo eq '…', all four." },
    access: { action: `${COMMERCE}/RateCard/read`, scope: (_, request) => `/subscriptions/${subscriptionOf(request)}` },
    front: async (context, request) => {
      await findSubscription(context, subscriptionOf(request));
    },
    run,
  }),
];
