import type { StatementLineInfo } from "../../client/statementLine.ts";
import type { Command } from "commander";
import { addDocument } from "./documents.ts";
import { addTrials } from "./trials.ts";
import { addComparisons } from "./comparisons.ts";
import type { VerificationInfo } from "../../client/closing.ts";
import type { ConservationInfo, StatementInfo, StatementRunInfo, StatementSummaryInfo } from "../../client/types.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { formatTable } from "../../lib/table.ts";
import { withClient } from "../command.ts";
import { grouped, printJson, printLine, printRows, styled } from "../output.ts";

export function addStatements(program: Command): void {
  const statements = program.command("statements").description("what each payer owes for a billing period");
  addTrials(statements);
  addComparisons(statements);
  const period = (name: string): Command => statements.command(name).argument("<period>", "for example 2024-02");

  period("run")
    .description("make the draft statements of a period; earlier drafts of it are replaced")
    .action((name: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const run = await client.runStatements(name);
        if (json) return printJson(run);
        printRows({ json }, await client.statements(name), SUMMARY_COLUMNS, NONE);
        printLine(conservationText(run.conservation));
        if (run.changes !== undefined) printLine(changesText(run.changes));
        if (run.batchesNotCounted > 0) {
          printLine(
            `Batches not counted, because one is still coming in: ${run.batchesNotCounted}. Run it again later.`,
          );
        }
        return undefined;
      }),
    );

  period("list")
    .description("list the statements of a period")
    .action((name: string, _, command: Command) =>
      withClient(command, async (client, output) => {
        printRows(output, await client.statements(name), SUMMARY_COLUMNS, NONE);
      }),
    );

  period("conservation")
    .description("prove that nothing is lost: stored = billed + unpriced by rule + parked, for each meter")
    .action((name: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const { conservation } = await client.statementRun(name);
        if (json) printJson(conservation);
        else printLine(`${meterTable(conservation)}\n${conservationText(conservation)}`);
      }),
    );

  addVerify(statements);
  addDocument(statements);
  statements
    .command("show")
    .description("show a statement with its lines")
    .argument("<number>")
    .action((number: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const statement = await client.statement(number);
        if (json) printJson(statement);
        else printLine(statementText(statement));
      }),
    );
}

function addVerify(statements: Command): void {
  statements
    .command("verify")
    .description("rebuild closed documents from what was known when they were made, and compare them")
    .argument("[period or number]", "every closed period unless given")
    .action((given: string | undefined, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const closed = async () =>
          (await client.closing.periods())
            .filter(({ partners }) => partners.some(({ closings }) => closings.length > 0))
            .map(({ period: name }) => name);
        const isPeriod = given !== undefined && /^\d{4}-\d\d$/.test(given);
        const wanted = given === undefined ? await closed() : [given];
        const found: (VerificationInfo & { readonly of: string })[] = [];
        for (const of of wanted) {
          const number = given !== undefined && !isPeriod;
          const verification = await client.closing.verify(number ? { number: of } : { period: of });
          found.push({ of, ...verification });
          if (!json) printLine(verificationText(of, verification));
        }
        if (json) printJson(found);
        else if (found.length === 0) printLine("Nothing is closed yet.");
        if (found.some(({ intact }) => !intact)) process.exitCode = EXIT_CODES.refused.status;
      }),
    );
}

function verificationText(of: string, { intact, documents, different }: VerificationInfo): string {
  const verdict = intact ? styled("green", "intact") : styled(["red", "bold"], "DIFFERENT");
  return [
    `${verdict}   ${of}: ${grouped(documents)} documents`,
    ...different.flatMap(({ number, isKept, differences }) => [
      `  ${number}: ${isKept ? "it is rebuilt as something else" : "what is kept is not what was closed"}`,
      ...differences.map(({ line, member, kept, rebuilt }) => {
        return `    ${line === null ? "" : `line ${line}, `}${member}: ${kept} is kept, ${rebuilt} is rebuilt`;
      }),
    ]),
  ].join("\n");
}

function changesText({ added, removed, changed, payers }: NonNullable<StatementRunInfo["changes"]>): string {
  if (added + removed + changed === 0) return "Nothing is other than at the run before.";
  return [
    `Since the run before: ${added} payers added, ${removed} removed, ${changed} changed.`,
    formatTable(payers, [
      { title: "payer", value: (so) => so.payer },
      { title: "change", value: (so) => so.change },
      { title: "total was", value: (so) => so.totalBefore ?? "", align: "right" },
      { title: "is", value: (so) => so.totalAfter ?? "", align: "right" },
    ]),
  ].join("\n");
}

const NONE = "The period has no usage that anybody pays for.";

const SUMMARY_COLUMNS = [
  { title: "number", value: (so: StatementSummaryInfo) => so.number },
  { title: "payer", value: (so: StatementSummaryInfo) => so.payer },
  { title: "lines", value: (so: StatementSummaryInfo) => String(so.lineCount), align: "right" as const },
  { title: "total", value: (so: StatementSummaryInfo) => so.total, align: "right" as const },
  { title: "currency", value: (so: StatementSummaryInfo) => so.currency },
  { title: "state", value: (so: StatementSummaryInfo) => so.state },
];

export const printStatements = (list: readonly StatementSummaryInfo[]): void =>
  printLine(formatTable(list, SUMMARY_COLUMNS));

const LINE_COLUMNS = [
  { title: "line", value: (so: StatementLineInfo) => String(so.line), align: "right" as const },
  { title: "registration", value: (so: StatementLineInfo) => so.registrationName, cut: "end" as const },
  { title: "meter", value: (so: StatementLineInfo) => so.meterName, cut: "end" as const },
  { title: "quantity", value: (so: StatementLineInfo) => so.quantity, align: "right" as const },
  { title: "unit", value: (so: StatementLineInfo) => so.unit },
  { title: "unit price", value: (so: StatementLineInfo) => so.unitPrice, align: "right" as const },
  { title: "per", value: (so: StatementLineInfo) => so.priceUnit },
  { title: "amount", value: (so: StatementLineInfo) => so.amount, align: "right" as const },
  { title: "price", value: (so: StatementLineInfo) => (so.priceVerified ? "" : "unverified") },
];

export function statementText({ number, payer, period, currency, total, state, lines }: StatementInfo): string {
  return [
    `Statement ${styled("bold", number)} for ${payer}, ${period}, ${state}`,
    formatTable(lines, LINE_COLUMNS),
    `Total ${styled("bold", `${total} ${currency}`)}`,
    ...(lines.some(({ priceVerified }) => !priceVerified)
      ? ["Prices marked unverified have no published source of their own; see stampbook prices."]
      : []),
  ].join("\n");
}

type Meter = ConservationInfo["meters"][number];

export const meterTable = ({ meters }: ConservationInfo): string =>
  formatTable(meters, [
    { title: "meter", value: (so: Meter) => so.name, cut: "end" as const },
    { title: "unit", value: (so: Meter) => so.unit },
    { title: "stored", value: (so: Meter) => so.stored, align: "right" },
    { title: "billed", value: (so: Meter) => so.billed, align: "right" },
    { title: "unpriced", value: (so: Meter) => so.unpriced, align: "right" },
    { title: "parked", value: (so: Meter) => so.parked, align: "right" },
    { title: "difference", value: (so: Meter) => so.difference, align: "right" },
  ]);

export function conservationText(conservation: ConservationInfo): string {
  const { stored, billed, unpriced, parked, difference, metersUnequal, meters } = conservation;
  const exact = difference === 0 && metersUnequal === 0;
  const verdict = exact ? styled("green", "nothing is lost") : styled(["red", "bold"], "USAGE IS MISSING: a defect");
  return (
    `Conservation: ${grouped(stored)} records stored = ${grouped(billed)} billed + ${grouped(unpriced)} unpriced by rule ` +
    `+ ${grouped(parked)} parked, difference ${difference};\nquantities of ${meters.length - metersUnequal} of ` +
    `${meters.length} meters equal to the last digit: ${verdict}`
  );
}
