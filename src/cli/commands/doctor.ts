import type { Command } from "commander";
import { bridgeDiagnoses } from "../../bridge/status.ts";
import { readConfig } from "../../bridge/config.ts";
import type { CompletenessInfo, DiagnosisInfo } from "../../client/completenessTypes.ts";
import { tell } from "../../domain/completeness/diagnosis.ts";
import { DAY_MS, formatInstant, HOUR_MS, type InstantMs, systemClock } from "../../lib/instant.ts";
import { moment, wholeNumber } from "../arguments.ts";
import { globalOptions, withClient } from "../command.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { printJson, printLine, styled } from "../output.ts";

interface DoctorOptions {
  readonly days: number;
  readonly registration?: string;
  readonly config?: string;
  readonly now?: InstantMs;
}

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "look for gaps, stuck cursors, skew, unmapped tenants, unpriced meters and falling volumes, and say what to do",
    )
    .option("--registration <registration>", "look at this stamp only: number, cloud id, resource id or name")
    .option("--days <n>", "how many days back; 31 at most", wholeNumber, 7)
    .option("--config <file>", "look at the bridge of this configuration instead of the server")
    .option("--now <time>", "as of this instant; now unless given", moment)
    .action(async (options: DoctorOptions, command: Command) => {
      const nowMs = options.now ?? systemClock.now();
      if (options.config !== undefined) {
        const { language } = globalOptions(command);
        const found = await bridgeDiagnoses(readConfig(options.config), nowMs);
        show({ value: found.map((so) => tell(so, language)) }, command);
        return;
      }
      await withClient(command, async (client) => {
        const wanted =
          options.registration === undefined
            ? (await client.registrations()).map(({ registration }) => String(registration))
            : [options.registration];
        // The server's own now counts unless the hours ended before it.
        const toMs = options.now === undefined ? Math.ceil(nowMs / HOUR_MS) * HOUR_MS : nowMs - (nowMs % HOUR_MS);
        const hours = { from: formatInstant(toMs - options.days * DAY_MS), to: formatInstant(toMs) };
        const stamps: CompletenessInfo[] = [];
        for (const registration of wanted) stamps.push(await client.completeness(registration, hours));
        show({ value: stamps.flatMap(({ findings }) => findings), stamps }, command);
      });
    });
}

interface Shown {
  readonly value: readonly DiagnosisInfo[];
  readonly stamps?: readonly CompletenessInfo[];
}

/** Status 1 where there is something to do, so that a timer notices. */
function show({ value, stamps = [] }: Shown, command: Command): void {
  const { json } = globalOptions(command);
  if (json) {
    printJson({
      value,
      stamps: stamps.map(({ registrationName, from, to, summary, findingsInAll }) => {
        return { of: registrationName, from, to, findingsInAll, ...summary };
      }),
    });
  } else {
    for (const stamp of stamps) printLine(lookOf(stamp));
    if (value.length === 0) printLine("Nothing is wrong.");
    for (const { of, kind, what, remedy } of value) {
      printLine(`${styled("bold", of)}  ${styled("yellow", kind)}: ${what}`);
      for (const step of remedy) printLine(`  ${styled("green", "do")}  ${step}`);
    }
    for (const { registrationName, findings, findingsInAll } of stamps) {
      const more = findingsInAll - findings.length;
      if (more > 0) printLine(`${styled("bold", registrationName)}  and ${more} more`);
    }
  }
  process.exitCode = (value.length === 0 ? EXIT_CODES.done : EXIT_CODES.refused).status;
}

/** A line on a stamp's hours. */
function lookOf({ registrationName, summary, value }: CompletenessInfo): string {
  const { received, late, missing } = summary.hours;
  const of = `${value.length} hours: ${received + late} with usage, ${late} of them late, ${missing} missing`;
  return `${styled("bold", registrationName)}  ${of}; reported until ${summary.reportedUntil ?? "never"}`;
}
