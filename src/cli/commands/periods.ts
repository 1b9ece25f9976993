import { type Command, Option } from "commander";
import type { CheckInfo, DocumentInfo, PeriodChecksInfo, PeriodInfo } from "../../client/closing.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { formatTable } from "../../lib/table.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printNote, printRows, styled } from "../output.ts";

const many = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Commands that show billing periods and close them. */
export function addPeriods(program: Command): void {
  const periods = program.command("periods").description("billing periods: how far each partner is, and closing them");
  const period = (name: string): Command => periods.command(name).argument("<period>", "for example 2024-02");

  periods
    .command("list")
    .description("list the periods that have statements, with the state of each partner")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const found = await client.closing.periods();
        if (output.json) printJson(found);
        else printRows(output, found.flatMap(partnerRows), PARTNER_COLUMNS, "No period has statements yet.");
      }),
    );

  period("show")
    .description("show a period: states, who closed it and what was accepted, payers set aside")
    .action((name: string, _, command: Command) =>
      withClient(command, async (client, output) => {
        const found = await client.closing.period(name);
        if (output.json) return printJson(found);
        printLine(
          `Period ${styled("bold", found.period)}: ${found.from} to ${found.to}${found.ended ? "" : ", not ended"}`,
        );
        printRows(output, partnerRows(found), PARTNER_COLUMNS, "It has no statements yet.");
        for (const partner of found.partners) {
          for (const { kind, closedAt, closedBy, accepted } of partner.closings) {
            printNote(
              `${kind === "close" ? "Closed" : "Corrected"} for ${partner.partner} at ${closedAt} by ${closedBy}`,
            );
            for (const { check, reason } of accepted) printNote(`  accepted ${check}: ${reason}`);
          }
          printSetAside(partner);
        }
      }),
    );

  period("check")
    .description("tell what would keep a period from being closed for a partner, and what to do about it")
    .argument("<partner>")
    .action((name: string, partner: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const found = await client.closing.check(name, partner);
        if (json) return printJson(found);
        printLine(`${found.payers} payers of ${partner} would get a statement for ${name}.`);
        printLine(found.checks.map(checkText).join("\n"));
        printSetAside(found);
      }),
    );

  addClose(periods);
}

function addClose(periods: Command): void {
  periods
    .command("close")
    .argument("<period>", "for example 2024-02")
    .description("close a period for a partner: its statements get their numbers and never change again")
    .argument("<partner>")
    .addOption(
      new Option("--accept <check>", "go on although this check did not pass; may be repeated")
        .argParser(many)
        .default([]),
    )
    .addOption(
      new Option("--reason <text>", "why; one for each --accept, or one for all of them").argParser(many).default([]),
    )
    .action(
      (
        name: string,
        partner: string,
        given: { accept: readonly string[]; reason: readonly string[] },
        command: Command,
      ) =>
        withClient(command, async (client, output) => {
          const closed = await client.closing.close(name, partner, acceptances(given));
          if (output.json) return printJson(closed);
          printRows(output, closed.statements, DOCUMENT_COLUMNS, "Nobody of this partner had anything to pay.");
          const { statements, statementsInAll: all } = closed;
          if (all > statements.length) printNote(`${rest(all, statements)}: stampbook statements list ${name}`);
          if (!closed.closedNow) printNote("It was closed before; nothing was changed.");
          printSetAside(closed);
        }),
    );
}

/** @throws Fault AcceptanceReasonMissing */
function acceptances({ accept, reason }: { readonly accept: readonly string[]; readonly reason: readonly string[] }) {
  return accept.map((check, i) => {
    const why = reason.length === 1 ? reason[0] : reason[i];
    if (why === undefined) throw new Fault("AcceptanceReasonMissing", { check });
    return { check, reason: why };
  });
}

const checkText = ({ check, passed, count, findings, acceptable, meaning, remedy }: CheckInfo): string =>
  passed
    ? `${styled("green", "passed")}  ${check}`
    : [
        `${styled(["red", "bold"], "failed")}  ${check} (${count})${acceptable ? "" : ", cannot be accepted"}: ${meaning}`,
        findingTable(findings),
        ...remedy.map((step) => `  → ${step}`),
      ].join("\n");

function findingTable(findings: CheckInfo["findings"]): string {
  const members = Object.keys(findings[0] ?? {});
  return formatTable(
    findings,
    members.map((title) => ({ title, value: (so: CheckInfo["findings"][number]) => String(so[title] ?? "") })),
  );
}

/** How many of a list are not shown. */
export const rest = (all: number, shown: readonly unknown[]): string => `… and ${all - shown.length} more`;

/** Who was set aside, and why; the first of them. */
export function printSetAside({ setAside, setAsideInAll: all }: Pick<PeriodChecksInfo, "setAside" | "setAsideInAll">) {
  for (const { payer, reason, detail } of setAside) printNote(`Set aside: ${payer}, ${reason}: ${detail}`);
  if (all > setAside.length) printNote(`${rest(all, setAside)} set aside.`);
}

type Row = PeriodInfo["partners"][number] & { readonly period: string };
const partnerRows = ({ period, partners }: PeriodInfo): readonly Row[] => partners.map((so) => ({ period, ...so }));

const PARTNER_COLUMNS = [
  { title: "period", value: (so: Row) => so.period },
  { title: "partner", value: (so: Row) => so.partner },
  { title: "state", value: (so: Row) => so.state },
  { title: "drafts", value: (so: Row) => String(so.drafts), align: "right" as const },
  { title: "statements", value: (so: Row) => String(so.statements), align: "right" as const },
  { title: "corrections", value: (so: Row) => String(so.corrections), align: "right" as const },
  { title: "set aside", value: (so: Row) => String(so.setAsideInAll), align: "right" as const },
];

export const DOCUMENT_COLUMNS = [
  { title: "number", value: (so: DocumentInfo) => so.number },
  { title: "level", value: (so: DocumentInfo) => so.level },
  { title: "payer", value: (so: DocumentInfo) => so.payer },
  { title: "period", value: (so: DocumentInfo) => so.period },
  { title: "lines", value: (so: DocumentInfo) => String(so.lineCount), align: "right" as const },
  { title: "total", value: (so: DocumentInfo) => so.total, align: "right" as const },
  { title: "currency", value: (so: DocumentInfo) => so.currency },
];
