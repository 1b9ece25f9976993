import type { Command } from "commander";
import type { ExplanationInfo } from "../../client/types.ts";
import { formatTable } from "../../lib/table.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { addExplainPayer } from "./explainPayer.ts";
import { addExplainUsage } from "./explainUsage.ts";
import { grouped, printJson, printLine, styled } from "../output.ts";

export function addExplain(program: Command): void {
  const explain = program
    .command("explain")
    .description("why a statement line is what it is, down to its records")
    .argument("<number>", "of the statement")
    .argument("<line>", "of the statement, counting from 1", wholeNumber)
    .option("--limit <n>", "how many records to show", wholeNumber, 10)
    .option("--offset <n>", "how many records to pass over", wholeNumber, 0)
    .action((number: string, line: number, { limit, offset }: { limit: number; offset: number }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const explanation = await client.explain(number, line, { limit, offset });
        if (json) printJson(explanation);
        else printLine(explanationText(explanation));
      }),
    );
  addExplainUsage(explain);
  addExplainPayer(explain);
}

const BY = {
  mapping: "the tenant was mapped to this payer",
  "removed-mapping": "the tenant's mapping had been removed, so the registration subscription pays",
  "no-mapping": "the tenant was never mapped, so the registration subscription pays",
} as const;

type Decision = ExplanationInfo["decisions"][number];
type StoredRecord = ExplanationInfo["records"]["value"][number];

export function explanationText(explanation: ExplanationInfo): string {
  const { statement, line, registration, price, arithmetic, decisions, records, knownUntil } = explanation;
  const unverified = price !== null && !price.verified ? ` ${styled("yellow", `price unverified: ${price.note}`)}` : "";
  return [
    `${styled("bold", `Line ${line.line} of statement ${statement.number}`)}: ${line.meterName} on registration ${registration.name}, paid by ${statement.payer}`,
    `${styled("bold", "Amount")}   ${arithmetic} ${statement.currency}${unverified}`,
    `${styled("bold", "Known")}    usage and mappings recorded until ${knownUntil}`,
    styled("bold", "Who pays, and why"),
    formatTable(decisions, [
      { title: "tenant", value: (so: Decision) => `${so.tenant.slice(0, 8)}…` },
      { title: "from hour", value: (so: Decision) => so.from },
      { title: "to hour", value: (so: Decision) => so.to },
      { title: "because", value: (so: Decision) => BY[so.by], cut: "end" as const },
      {
        title: "recorded",
        value: (so: Decision) => (so.change ? `${so.change.recordedAt} by ${so.change.recordedBy}` : ""),
      },
    ]),
    `${styled("bold", "Records")}  ${grouped(records.recordsInAll)}, which add up to ${records.quantityInAll} ${line.unit}; ${records.value.length} of them:`,
    formatTable(records.value, [
      { title: "usage hour", value: (so: StoredRecord) => so.usageStart },
      { title: "quantity", value: (so: StoredRecord) => so.quantity, align: "right" },
      {
        title: "resource",
        value: (so: StoredRecord) => so.resourceUri.split("/").slice(-2).join("/"),
        cut: "end" as const,
      },
      { title: "local subscription", value: (so: StoredRecord) => `${so.localSubscription.slice(0, 8)}…` },
      { title: "reported in", value: (so: StoredRecord) => so.reportedStart },
      { title: "batch", value: (so: StoredRecord) => `${so.batch}:${so.position}`, align: "right" },
    ]),
  ].join("\n");
}
