import type { Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { parkedGroups } from "../operations/usage/parked.ts";
import { stampsSeen } from "../operations/usage/stampsSeen.ts";

async function show(context: Context): Promise<Answer> {
  const { body, contentType } = await context.metrics.text(async () => {
    const { groups, knowledge } = await parkedGroups(context);
    const { meters } = knowledge;
    const unitOf = ({ meter }: (typeof groups)[number]): string => meters.factsOf(meter)?.unit ?? "unknown unit";
    return { groups, unitOf, stamps: await stampsSeen(context) };
  });
  return { status: 200, body, headers: { "content-type": contentType } };
}

export const METRICS_ROUTE: Route = {
  method: "GET",
  path: "/metrics",
  summary:
    "Counters of usage for Prometheus: batches, records by outcome, duration, what is parked by reason, and missing hours by stamp.",
  access: { action: "Stampbook/metrics/read" },
  run: show,
};
