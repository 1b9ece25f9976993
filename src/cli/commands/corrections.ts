import type { Command } from "commander";
import type { CorrectionInfo, CorrectionLineInfo } from "../../client/closing.ts";
import { formatTable } from "../../lib/table.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printNote, printRows, styled } from "../output.ts";
import { DOCUMENT_COLUMNS, printSetAside, rest } from "./periods.ts";

/** Commands that correct closed periods. */
export function addCorrections(program: Command): void {
  const corrections = program
    .command("corrections")
    .description("what is told anew of closed periods, because usage came late or a decision was changed");

  corrections
    .command("preview")
    .description("show what corrections of a closed period would say, without issuing them")
    .argument("<period>", "for example 2024-02")
    .argument("<partner>")
    .action((period: string, partner: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const found = await client.closing.previewCorrections(period, partner);
        if (json) return printJson(found);
        if (found.correctionsInAll === 0) printLine("Nothing is to be corrected.");
        for (const correction of found.value) printLine(correctionText(correction));
        const { value, correctionsInAll: all } = found;
        if (all > value.length) printNote(`${rest(all, value)}.`);
        printSetAside(found);
      }),
    );

  corrections
    .command("issue")
    .description("issue corrections of a closed period, in the period that is open now")
    .argument("<period>", "for example 2024-02")
    .argument("<partner>")
    .requiredOption("--reason <text>", "why")
    .action((period: string, partner: string, { reason }: { reason: string }, command: Command) =>
      withClient(command, async (client, output) => {
        const issued = await client.closing.issueCorrections(period, partner, reason);
        if (output.json) return printJson(issued);
        printRows(output, issued.value, DOCUMENT_COLUMNS, "Nothing was to be corrected.");
        const { value, correctionsInAll: all } = issued;
        if (all > value.length) printNote(`${rest(all, value)}: stampbook corrections list ${period}`);
        printSetAside(issued);
      }),
    );

  corrections
    .command("list")
    .description("list corrections")
    .argument("[period]", "only of this one")
    .action((period: string | undefined, _, command: Command) =>
      withClient(command, async (client, output) => {
        printRows(output, await client.closing.corrections(period), DOCUMENT_COLUMNS, "There are no corrections.");
      }),
    );

  corrections
    .command("show")
    .description("show a correction with its lines and causes")
    .argument("<number>")
    .action((number: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const correction = await client.closing.correction(number);
        if (json) printJson(correction);
        else printLine(correctionText(correction));
      }),
    );
}

const sideOf = (line: CorrectionLineInfo) => (line.new ?? line.old)!;

const LINE_COLUMNS = [
  { title: "line", value: (so: CorrectionLineInfo) => String(so.line), align: "right" as const },
  { title: "registration", value: (so: CorrectionLineInfo) => so.registrationName, cut: "end" as const },
  { title: "meter", value: (so: CorrectionLineInfo) => sideOf(so).meterName, cut: "end" as const },
  { title: "quantity was", value: (so: CorrectionLineInfo) => so.old?.quantity ?? "", align: "right" as const },
  { title: "is", value: (so: CorrectionLineInfo) => so.new?.quantity ?? "", align: "right" as const },
  { title: "amount was", value: (so: CorrectionLineInfo) => so.old?.amount ?? "", align: "right" as const },
  { title: "is", value: (so: CorrectionLineInfo) => so.new?.amount ?? "", align: "right" as const },
  { title: "difference", value: (so: CorrectionLineInfo) => so.amountDifference, align: "right" as const },
  { title: "because of", value: (so: CorrectionLineInfo) => so.causes.join(", ") },
];

function correctionText({
  number,
  payer,
  period,
  corrects,
  currency,
  total,
  causes,
  lines,
  issuedIn,
}: CorrectionInfo): string {
  const name = number === undefined ? "A correction" : `Correction ${styled("bold", number)}`;
  const what = corrects === null ? "which had no statement for it" : `of ${corrects}`;
  return [
    `${name} for ${payer}, ${what}, period ${period}, issued in ${issuedIn}`,
    formatTable(lines, LINE_COLUMNS),
    `${total.startsWith("-") ? "Credit" : "Debit"} ${styled("bold", `${total} ${currency}`)}`,
    ...causes.map(({ kind, id, recordedAt, recordedBy, reason, changes }) => {
      const which = id === null ? (changes > 1 ? ` (${changes})` : "") : ` ${id}, ${recordedAt} by ${recordedBy}`;
      return `  ${kind}${which}${reason ? `: ${reason}` : ""}`;
    }),
  ].join("\n");
}
