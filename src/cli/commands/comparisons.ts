import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { Refused } from "../../client/client.ts";
import type {
  ComparedPayerInfo,
  ComparisonInfo,
  ComparisonScope,
  DifferenceInfo,
  RowProblemsInfo,
} from "../../client/comparisonTypes.ts";
import { formatTable } from "../../lib/table.ts";
import { periodName } from "../arguments.ts";
import { withClient } from "../command.ts";
import { fileSize, readBytes, readJsonFile } from "../files.ts";
import { grouped, printJson, printLine, printNote } from "../output.ts";

interface Options extends ComparisonScope {
  readonly period: string;
  readonly with?: string;
  readonly withPeriod?: string;
  readonly columns?: string;
  readonly column: Readonly<Record<string, string>>;
}

const ROWS_SHOWN_MAX = 20;
const DIFFERENCES_SHOWN_MAX = 50;

/** `payer=SubscriptionId`; nothing after the sign leaves a column out. */
function columnNamed(text: string, before: Options["column"]): Options["column"] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("OURS=THEIRS is needed, for example payer=SubscriptionId");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function addComparisons(statements: Command): void {
  statements
    .command("compare")
    .description("lay the statements of a period beside a reconciliation file or another period; nothing is changed")
    .requiredOption("--period <period>", "for example 2024-02", periodName)
    .option(
      "--with <file>",
      "a CSV file: Partner Center's daily-rated usage or invoice line items, FOCUS, or any other",
    )
    .option("--with-period <period>", "another billing period", periodName)
    .option("--columns <file>", "a JSON file that says which of its columns is what")
    .option("--column <ours=theirs>", "the same for one column; may be given several times", columnNamed, {})
    .option("--level <level>", "customer, reseller or provider")
    .option("--partner <name>", "only payers of this partner")
    .option("--payer <subscription>", "only this payer")
    .action((options: Options, command: Command) => {
      const { with: file, withPeriod } = options;
      if ((file === undefined) === (withPeriod === undefined)) {
        command.error("error: either --with FILE or --with-period PERIOD is needed");
      }
      return compared(command, options);
    });
}

const compared = (command: Command, options: Options): Promise<void> =>
  withClient(command, async (client, { json }) => {
    const { period, with: file, withPeriod, columns, column, level, partner, payer } = options;
    const scope = { level, partner, payer };
    try {
      let comparison: ComparisonInfo;
      if (file === undefined) comparison = await client.closing.comparePeriods(period, withPeriod!, scope);
      else {
        await fileSize(file);
        const map = columns === undefined ? {} : await readJsonFile<Record<string, string | null>>(columns);
        const stream = { bytes: readBytes(file, () => undefined), type: "text/csv" };
        comparison = await client.closing.compareWithFile(period, stream, { ...scope, columns: { ...map, ...column } });
      }
      if (json) printJson(comparison);
      else printComparison(comparison);
    } catch (error) {
      if (!json && error instanceof Refused) printProblems(error);
      throw error;
    }
  });

function printComparison({
  against,
  rows,
  places,
  differences,
  differencesInAll,
  causes,
  payers,
}: ComparisonInfo): void {
  const side = rows === null ? against : `${grouped(rows)} rows${against === null ? "" : ` of ${against}`}`;
  printLine(`Compared with ${side}: ${grouped(places)} payers, stamps and meters side by side.`);
  if (differencesInAll === 0) return printLine("Nothing differs.");
  const shown = differences.slice(0, DIFFERENCES_SHOWN_MAX).map((so, i) => ({ ...so, number: i + 1 }));
  printLine(formatTable(shown, columnsOf(shown)));
  for (const [explanation, own] of Map.groupBy(shown, (so) => so.explanation)) {
    printLine(`${own.map(({ number }) => number).join(", ")}: ${explanation}`);
  }
  printLine(formatTable(payers.slice(0, DIFFERENCES_SHOWN_MAX), PAYER_COLUMNS));
  const counts = Object.entries(causes).map(([cause, count]) => `${cause} ${grouped(count)}`);
  printLine(`Differences: ${grouped(differencesInAll)} (${counts.join(", ")})`);
  if (differencesInAll > shown.length)
    printNote(`${grouped(differencesInAll - shown.length)} more are in the answer of --json.`);
  return undefined;
}

type Shown = DifferenceInfo & { readonly number: number };

/** Columns that say nothing of any difference are left out. */
function columnsOf(shown: readonly Shown[]) {
  const some = (has: (so: Shown) => string | null): boolean => shown.some((so) => has(so) !== null);
  return [
    { title: "", value: (so: Shown) => String(so.number), align: "right" as const },
    { title: "cause", value: (so: Shown) => so.cause },
    { title: "payer", value: (so: Shown) => so.payer, cut: "end" as const },
    ...(some((so) => so.stamp) ? [{ title: "stamp", value: (so: Shown) => so.stamp ?? "", cut: "end" as const }] : []),
    { title: "meter", value: (so: Shown) => so.meterName ?? so.meter, cut: "end" as const },
    ...(some((so) => so.day) ? [{ title: "day", value: (so: Shown) => so.day ?? "" }] : []),
    { title: "of", value: (so: Shown) => so.measure },
    { title: "ours", value: (so: Shown) => so.ours ?? "-", align: "right" as const, cut: "end" as const },
    { title: "theirs", value: (so: Shown) => so.theirs ?? "-", align: "right" as const, cut: "end" as const },
    { title: "difference", value: (so: Shown) => so.difference ?? "", align: "right" as const, cut: "end" as const },
  ];
}

const PAYER_COLUMNS = [
  { title: "payer", value: (so: ComparedPayerInfo) => so.payer, cut: "end" as const },
  { title: "ours", value: (so: ComparedPayerInfo) => so.ours, align: "right" as const },
  { title: "theirs", value: (so: ComparedPayerInfo) => so.theirs, align: "right" as const },
  { title: "difference", value: (so: ComparedPayerInfo) => so.difference, align: "right" as const },
  { title: "currency", value: (so: ComparedPayerInfo) => so.currency ?? "" },
];

/** What is wrong in which row; other refusals have other details. */
function printProblems({ details }: Refused): void {
  const { rows = [], rowsOmitted = 0 } = (details ?? {}) as Partial<RowProblemsInfo>;
  for (const { position, column, code, message, remedy } of rows.slice(0, ROWS_SHOWN_MAX)) {
    printNote(`  row ${position}${column === null ? "" : `, ${column}`}: ${code}: ${message} ${remedy[0] ?? ""}`);
  }
  const hidden = Math.max(0, rows.length - ROWS_SHOWN_MAX) + rowsOmitted;
  if (hidden > 0) printNote(`  and ${grouped(hidden)} more`);
}
