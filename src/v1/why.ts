import type { FastifyRequest } from "fastify";
import { chooseLanguage } from "../domain/faults/fault.ts";
import { formatMeter, hourStartMs } from "../domain/ids.ts";
import { whyText } from "../domain/statement/whyText.ts";
import { paramOf } from "../http/parameters.ts";
import type { Answer, Route } from "../http/route.ts";
import { formatDecimal } from "../lib/decimal.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";
import { explainPayer, type PayerExplanation, type PayerReason } from "../operations/statements/why.ts";
import { hourRule } from "../operations/usage/explain.ts";
import { onPayer } from "./payerScope.ts";

const reasonOut = (reason: PayerReason, nameOf: PayerExplanation["nameOf"]) => ({
  registration: reason.registration.id,
  stamp: reason.registration.name,
  cloudId: reason.registration.cloudId,
  tenant: reason.tenant,
  from: formatInstant(hourStartMs(reason.from)),
  to: formatInstant(hourStartMs(reason.to)),
  by: reason.by,
  change:
    reason.change === undefined
      ? null
      : { id: reason.change.id, recordedBy: reason.change.recordedBy, ...hourRule(reason.change) },
  withoutMapping: reason.withoutMapping,
  localSubscriptions: reason.localSubscriptions.map(
    ({ localSubscription, displayName, id, recordedBy, ...change }) => ({
      localSubscription,
      displayName,
      change: { id, recordedBy, ...hourRule(change) },
    }),
  ),
  usage: reason.usage.map(({ meter, quantity, records }) => {
    const { name, unit } = nameOf(meter);
    return { meter: formatMeter(meter), meterName: name, unit, quantity: formatDecimal(quantity), records };
  }),
});

async function why(context: Context, request: FastifyRequest): Promise<Answer> {
  const explained = await explainPayer(context, paramOf(request, "number"));
  const { document, from, to, knownUntilMs, reasonsInAll, capacity, nameOf } = explained;
  const reasons = explained.reasons.map((reason) => reasonOut(reason, nameOf));
  const knownUntil = formatInstant(knownUntilMs);
  const { number, payer, level, issuer, period, state, total, currency } = document;
  const stamps = capacity.map(({ name }) => name);
  const sentences = reasons.map((reason) => ({
    ...reason,
    localSubscriptions: reason.localSubscriptions.map(({ localSubscription }) => localSubscription),
  }));
  const told = { number, payer, level, period, knownUntil, reasons: sentences, reasonsInAll, capacity: stamps };
  return {
    status: 200,
    body: {
      statement: { number, payer, level, issuer, period, state, total, currency },
      from: formatInstant(hourStartMs(from)),
      to: formatInstant(hourStartMs(to)),
      knownUntil,
      reasons,
      reasonsInAll,
      capacity: capacity.map(({ id, name }) => ({ registration: id, stamp: name })),
      text: whyText(told, chooseLanguage(request.headers["accept-language"])),
    },
  };
}

export const WHY_ROUTE: Route = {
  method: "GET",
  path: "/v1/statements/:number/why",
  summary:
    "Why the usage of a statement or a correction is on it: tenants, who mapped them when and from which hour, and what would be without; also in sentences of the caller's language.",
  access: onPayer,
  run: why,
};
