import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { Fault } from "../domain/faults/fault.ts";
import { formatMeter, type Hour, hourFrom, subscriptionId, tenantId } from "../domain/ids.ts";
import type { Period } from "../domain/statement/period.ts";
import { paramOf } from "../http/parameters.ts";
import type { Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { type Supposition, type TriedPayer, tryPeriod } from "../operations/statements/trial.ts";
import { bodyOf, instantOf, nullable } from "./input.ts";

const TrialBody = Type.Object(
  {
    from: Type.Optional(nullable),
    prices: Type.Optional(
      Type.Object({ sheet: Type.String(), version: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
    ),
    mapping: Type.Optional(
      Type.Object(
        { registration: Type.String(), tenant: Type.String(), customerSubscription: nullable },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

const invalid = (parameter: string, value: string, reason: string): Fault =>
  new Fault("InvalidParameter", { parameter, value, reason }, { target: parameter });

/** @throws Fault InvalidParameter, InvalidRequestContent, RegistrationNotFound */
async function supposedBy(context: Context, body: Static<typeof TrialBody>, period: Period): Promise<Supposition> {
  const from: Hour = body.from ? hourFrom(instantOf("from", body.from)) : period.from;
  if ((body.prices === undefined) === (body.mapping === undefined)) {
    throw invalid("prices", "", "either prices or a mapping is to be supposed");
  }
  if (body.prices !== undefined) return { kind: "prices", ...body.prices, from };
  const { registration, tenant, customerSubscription } = body.mapping!;
  const { id } = await findRegistration(context.control, registration);
  const tenantOf = tenantId(tenant);
  if (tenantOf === undefined) throw invalid("tenant", tenant, "a GUID is needed");
  const customer = customerSubscription ? subscriptionId(customerSubscription) : null;
  if (customer === undefined) throw invalid("customerSubscription", customerSubscription ?? "", "a GUID is needed");
  return { kind: "mapping", registration: id, tenant: tenantOf, customer, from };
}

const payerOut = ({ lines, ...payer }: TriedPayer) => ({
  ...payer,
  lines: lines.map(({ line, old, new: now, quantityDifference, amountDifference }) => {
    const { registration, meter, meterName, tier } = (now ?? old)!;
    const side = (so: typeof old) =>
      so && { quantity: so.quantity, unitPrice: so.effectiveUnitPrice, amount: so.amount };
    const what = { registration, meter: formatMeter(meter), meterName, tier };
    return { line, ...what, before: side(old), after: side(now), quantityDifference, amountDifference };
  }),
});

async function run(context: Context, request: FastifyRequest): Promise<Answer> {
  const period = context.periods.named(paramOf(request, "period"));
  const supposed = await supposedBy(context, bodyOf(request, TrialBody), period);
  const trial = await tryPeriod(context, period, supposed);
  const meters = trial.meters.map((meter) => ({ ...meter, meter: formatMeter(meter.meter) }));
  return { status: 200, body: { ...trial, payers: trial.payers.map(payerOut), meters } };
}

/** What a period would come to under other prices or another mapping. */
export const TRIAL_ROUTES: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/periods/:period/trials",
    summary:
      "What a period, open or closed, would come to under a draft price sheet or another mapping; nothing is changed.",
    access: { action: "Stampbook/statements/read" },
    body: TrialBody,
    run,
  },
];
