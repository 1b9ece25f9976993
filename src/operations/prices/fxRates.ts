import { Fault } from "../../domain/faults/fault.ts";
import { currencyOf } from "../../domain/rating/currency.ts";
import { positiveNumber } from "../../domain/rating/priceNumber.ts";
import { formatDecimal } from "../../lib/decimal.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { isClosed } from "./closed.ts";

export interface RateGiven {
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly rate: string;
  readonly reason: string;
}

/**
 * Fixes what one unit of a currency is worth in another in a billing period; the last one before its close counts. False
 * when it is so already.
 * @throws Fault PeriodInvalid, CurrencyUnknown, InvalidParameter, PriceNumberInvalid, PriceTooManyDigits, FxRateInUse
 */
export async function setFxRate(
  { control, clock, periods }: Context,
  caller: Caller,
  given: RateGiven,
): Promise<boolean> {
  const period = periods.named(given.period).name;
  const [from, to] = [currencyOf("from", given.from), currencyOf("to", given.to)];
  if (from === to) {
    const reason = "two different currencies are needed";
    throw new Fault("InvalidParameter", { parameter: "to", value: to, reason }, { target: "to" });
  }
  const rate = formatDecimal(positiveNumber("rate", given.rate));
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const { fxRates } = await stores.prices.records();
    const before = fxRates.findLast((so) => so.period === period && so.from === from && so.to === to)?.rate ?? null;
    if (before === rate) return false;
    if (before !== null && (await isClosed(stores, period))) {
      throw new Fault("FxRateInUse", { from, to, period, rate: before });
    }
    const recorded = { recordedAtMs: atMs, recordedBy: caller.name };
    await stores.prices.addFxRate({ period, from, to, rate, reason: given.reason, ...recorded });
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/priceSheets/fx/action",
      target: `/v1/fx-rates/${period}`,
      outcome: "done",
      detail: { from, to, before, after: rate, reason: given.reason },
    });
    return true;
  });
}
