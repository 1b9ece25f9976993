import type { Command } from "commander";
import type {
  DecidingChangeInfo,
  ExplainedRecordInfo,
  UsageExplanationInfo,
} from "../../client/usageExplanationTypes.ts";
import { formatTable } from "../../lib/table.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, styled } from "../output.ts";

interface Options {
  readonly registration: string;
  readonly batch?: number;
  readonly position?: number;
  readonly localSubscription?: string;
  readonly meter?: string;
  readonly hour?: string;
  readonly resource?: string;
  readonly asOf?: string;
}

/** @param explain the command that explains a statement's line */
export function addExplainUsage(explain: Command): void {
  explain
    .command("usage")
    .description("why usage of one hour is on whose bill, or waits")
    .requiredOption("--registration <registration>", "whose usage it is: number, name, cloud id or resource id")
    .option("--batch <n>", "the batch that brought the record", wholeNumber)
    .option("--position <n>", "where it stood in that batch, counting from 1", wholeNumber)
    .option("--local-subscription <id>", "instead of batch and position: the local subscription")
    .option("--meter <id>", "and the meter")
    .option("--hour <time>", "and an instant in the usage hour")
    .option("--resource <uri>", "and the resource; all of that hour unless given")
    .option("--as-of <time>", "as it was known at this instant; now unless given")
    .action((options: Options, command: Command) =>
      withClient(command, async (client, { json }) => {
        const explanation = await client.explainUsage({ ...options });
        if (json) printJson(explanation);
        else printLine(usageExplanationText(explanation));
      }),
    );
}

const BECAUSE = {
  mapping: "the tenant is mapped to it",
  "removed-mapping": "the tenant's mapping was removed before, so the registration subscription pays",
  "no-mapping": "the tenant was not mapped yet, so the registration subscription pays",
} as const;

const changeText = (change: DecidingChangeInfo | null): string =>
  change === null
    ? ""
    : ` (recorded ${change.recordedAt} by ${change.recordedBy}; counts from ${change.countsFrom ?? "the beginning"}${change.rule === "next whole hour" ? ", the next whole hour" : ""})`;

type Version = ExplainedRecordInfo["versions"][number];

const outcomeText = ({ outcome, reason }: Version): string =>
  outcome === "ended" ? "ended by a decision" : reason === null ? outcome : `${outcome}: ${reason}`;

const label = (name: string): string => styled("bold", name.padEnd(9));

function recordText(so: ExplainedRecordInfo): string {
  const { payer, by, price, tenant } = so;
  const paid =
    payer === null || by === null
      ? "nobody, until it is known whose the local subscription is"
      : `${payer}: ${BECAUSE[by]}${changeText(so.mappingChange)}`;
  const priced = so.commerceMeter === so.meter && so.factor === "1" ? "" : `${so.factor} of ${so.commerceMeter} each, `;
  const cost = price === null ? "no price" : price.free ? "free of charge" : `${price.firstTier} per ${price.unit}`;
  return [
    `${styled("bold", so.meterName)} of ${so.resourceUri} in the hour ${so.usageHour}, reported in ${so.reportedStart}`,
    formatTable(so.versions, [
      { title: "version", value: (version: Version) => version.content },
      { title: "quantity", value: (version: Version) => `${version.quantity} ${so.unit}`, align: "right" },
      { title: "batch", value: (version: Version) => `${version.batch}:${version.position}`, align: "right" },
      { title: "becomes", value: outcomeText },
    ]),
    `${label("Tenant")}${tenant ?? `unknown: nobody has said whose ${so.localSubscription} is in this hour`}${changeText(so.localSubscriptionChange)}`,
    `${label("Pays")}${paid}`,
    `${label("Else")}without a mapping ${so.withoutMapping} would pay`,
    `${label("Billing")}${so.billingModel ?? "unknown"}${changeText(so.billingModelChange)}`,
    `${label("Price")}${priced}${cost}${changeText(so.meterMappingChange)}`,
  ].join("\n");
}

export const usageExplanationText = ({ knownUntil, value, more }: UsageExplanationInfo): string =>
  [
    `${label("Known")}what was recorded until ${knownUntil}`,
    ...value.map(recordText),
    ...(more ? ["There is more usage of this hour and meter: name the resource."] : []),
  ].join("\n\n");
