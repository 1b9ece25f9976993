import type { Command } from "commander";
import type { ParkedInfo } from "../../client/types.ts";
import { wholeNumber } from "../arguments.ts";
import { withClient } from "../command.ts";
import { grouped, printLine, printRows, styled } from "../output.ts";

interface Options {
  readonly reason?: string;
  readonly registration?: string;
  readonly localSubscription?: string;
  readonly meter?: string;
  readonly month?: string;
  readonly limit: number;
  readonly offset: number;
}

const NO_AMOUNT: Readonly<Record<string, string>> = { NoPrice: "no price", BillingModel: "not billed by usage" };

const atStake = ({ amountAtStake, currency, noAmountBecause }: ParkedInfo): string =>
  amountAtStake === null ? (NO_AMOUNT[noAmountBecause ?? ""] ?? "") : `${amountAtStake} ${currency}`;

const COLUMNS = [
  { title: "reason", value: (so: ParkedInfo) => so.reason },
  { title: "registration", value: (so: ParkedInfo) => so.registration, cut: "end" as const },
  { title: "local subscription", value: (so: ParkedInfo) => so.localSubscription, cut: "end" as const },
  { title: "meter", value: (so: ParkedInfo) => so.meter, cut: "end" as const },
  { title: "meter name", value: (so: ParkedInfo) => so.meterName, cut: "end" as const },
  { title: "records", value: (so: ParkedInfo) => grouped(so.records), align: "right" as const },
  { title: "quantity", value: (so: ParkedInfo) => so.quantity, align: "right" as const },
  { title: "oldest hour", value: (so: ParkedInfo) => so.oldestUsage ?? "" },
  { title: "at stake", value: atStake, align: "right" as const },
];

/** What to do, once for each reason, told of the largest sum. */
function printRemedies(rows: readonly ParkedInfo[]): void {
  for (const { reason, meaning, remedy } of new Map([...rows].reverse().map((so) => [so.reason, so])).values()) {
    printLine(`\n${styled("bold", reason)}: ${meaning}`);
    for (const step of remedy) printLine(`${styled("green", "do ")}  ${step}`);
  }
}

export function addParked(usage: Command): void {
  usage
    .command("parked")
    .description("list usage that is stored but on no statement until somebody resolves it, and what to do about it")
    .option("--reason <reason>", "only what waits for this reason")
    .option("--registration <registration>", "only of this one: number, name, cloud id or resource id")
    .option("--local-subscription <id>", "only of this local subscription")
    .option("--meter <id>", "only of this meter")
    .option("--month <month>", "only of this one, for example 2024-01; also what waited when it was archived")
    .option("--limit <n>", "how many sums to show", wholeNumber, 1_000)
    .option("--offset <n>", "how many sums to pass over", wholeNumber, 0)
    .action((options: Options, command: Command) =>
      withClient(command, async (client, output) => {
        const rows = await client.parked({ ...options });
        printRows(output, rows, COLUMNS, "Nothing is parked.");
        if (!output.json) printRemedies(rows);
      }),
    );
}
