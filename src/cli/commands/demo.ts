import type { Command } from "commander";
import { prepareDemoFolder } from "../../demo/folder.ts";
import { type DemoOptions, type DemoResult, playDemo, troubledSubscription } from "../../demo/scenario.ts";
import { DEMO_TEXTS } from "../../demo/texts.ts";
import { startTroubledUpstream } from "../../demo/upstream.ts";
import { compare, decimal } from "../../lib/decimal.ts";
import type { InstantMs } from "../../lib/instant.ts";
import { periodName, recordCount, wholeNumber } from "../arguments.ts";
import { type GlobalOptions, globalOptions, settingsOf } from "../command.ts";
import { embed } from "../connect.ts";
import { EXIT_CODES } from "../exitCodes.ts";
import { failureText } from "../failure.ts";
import { grouped, printJson, printLine, printNote, styled } from "../output.ts";
import { startProgress } from "../progress.ts";
import { explanationText } from "./explain.ts";
import { conservationText, printStatements } from "./statements.ts";

const STATEMENTS_SHOWN_MAX = 8;
const DEMO_FOLDER = "stampbook-demo";

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description(
      `play a month of one partner in a folder of its own (default: ${DEMO_FOLDER}), from registering stamps to explained statements`,
    )
    .option("--records <n>", "how many usage records, about", recordCount, 1_000_000)
    .option("--seed <n>", "another seed plays another month", wholeNumber, 1)
    .option("--period <month>", "the month to play", periodName, "2024-02")
    .action(async (options: Omit<DemoOptions, "folder">, command: Command) => {
      await runDemo(options, command);
    });
}

interface Measured {
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly peakRssMiB: number;
}

async function runDemo(options: Omit<DemoOptions, "folder">, command: Command): Promise<void> {
  const began = performance.now();
  const output = globalOptions(command);
  const given = command.optsWithGlobals<{ dataFolder?: string }>().dataFolder;
  const folder = prepareDemoFolder(given ?? DEMO_FOLDER);
  const upstream = await startTroubledUpstream(troubledSubscription(options.seed));
  let nowMs: InstantMs = 0;
  const clock = { now: () => nowMs, set: (instant: InstantMs) => (nowMs = instant) };
  const settings = {
    ...settingsOf(command),
    dataFolder: folder,
    resolverUrl: upstream.url,
    logLevel: "silent",
  } as const;
  const texts = DEMO_TEXTS[output.language];
  if (!output.json) printLine(styled("bold", texts.title(grouped(options.records), options.period, options.seed)));
  try {
    const connection = await embed(settings, output.language, { clock });
    let result: DemoResult;
    try {
      result = await playDemo(connection.client, clock, { ...options, folder }, listenerFor(output, options.records));
    } finally {
      await connection.close();
    }
    const peakBytes = process.resourceUsage().maxRSS * 1_024 + connection.stampbook.enginePeakRssBytes();
    const measured = {
      seconds: Math.round((performance.now() - began) / 100) / 10,
      recordsPerSecond: Math.round(result.run.conservation.stored / result.usageSeconds),
      peakRssMiB: Math.round(peakBytes / 1_048_576),
    };
    if (output.json) printJson(summaryOf(result, measured));
    else printDemo(result, measured, folder, output);
    const { difference, metersUnequal } = result.run.conservation;
    if (difference !== 0 || metersUnequal !== 0) process.exitCode = EXIT_CODES.defect.status;
  } finally {
    await upstream.close();
  }
}

function listenerFor({ json, language }: GlobalOptions, records: number) {
  const { steps } = DEMO_TEXTS[language];
  const bar = startProgress(steps.usage, records, !json);
  let shown = 0;
  return {
    step(name: keyof typeof steps) {
      if (name === "again") bar.stop(steps.usage);
      if (!json) printNote(`${styled("cyan", "·", process.stderr)} ${steps[name]}`);
    },
    progress(taken: number) {
      bar.advance(taken - shown, grouped(taken));
      shown = taken;
    },
  };
}

/** One object for machines; counts are records, quantities and money are exact decimals as text. */
function summaryOf(result: DemoResult, { seconds, recordsPerSecond, peakRssMiB }: Measured) {
  const { counts, run, statements, refusals, lineCounts, again, explanation, files } = result;
  // The summary calls everything that was taken in accepted, what is parked included.
  const { stored, ...conservation } = run.conservation;
  return {
    recordsAccepted: counts.accepted,
    duplicates: counts.duplicate,
    conflicts: counts.conflict,
    parked: counts.parked,
    rejected: counts.rejected,
    secondImport: again,
    statements: statements.map(({ number, payer, currency, lineCount, total }) => {
      return { number, payer, currency, lines: lineCount, total };
    }),
    lines: lineCounts,
    conservation: { accepted: stored, ...conservation },
    refusals,
    explained: {
      statement: explanation.statement.number,
      line: explanation.line.line,
      records: explanation.records.recordsInAll,
      quantity: explanation.records.quantityInAll,
      decisions: explanation.decisions,
    },
    files,
    seconds,
    recordsPerSecond,
    peakRssMiB,
  };
}

function printDemo(result: DemoResult, measured: Measured, folder: string, { language }: GlobalOptions): void {
  const texts = DEMO_TEXTS[language];
  const { month, counts, again, run, statements, refusals, explanation, files } = result;
  const heading = (text: string): void => printLine(`\n${styled(["bold", "underline"], text)}`);
  heading(texts.refusals);
  for (const refusal of refusals) printLine(`${failureText(refusal, language)}\n`);
  heading(texts.usage);
  printLine(
    `${grouped(month.accepted)} accepted, ${grouped(month.duplicate)} duplicates, ${grouped(month.conflict)} conflicts, ` +
      `${grouped(month.parked)} parked, ${grouped(month.rejected)} rejected`,
  );
  printLine(texts.again(grouped(again.duplicate), again.accepted));
  printLine(texts.bad(counts.rejected));
  const largest = [...statements].sort((a, b) => compare(decimal(b.total), decimal(a.total)));
  heading(texts.statements(statements.length, Math.min(STATEMENTS_SHOWN_MAX, statements.length)));
  printStatements(largest.slice(0, STATEMENTS_SHOWN_MAX));
  printLine(texts.unverified);
  printLine(`\n${conservationText(run.conservation)}`);
  heading(texts.line);
  printLine(explanationText(explanation));
  heading(texts.files);
  printLine(`${folder}\n${files.window}\n${files.bad}`);
  heading(texts.next);
  for (const line of tryNext(result, folder)) printLine(`  npm run stampbook -- ${line}`);
  const { seconds, recordsPerSecond, peakRssMiB } = measured;
  printLine(`\n${texts.resources(String(seconds), grouped(recordsPerSecond), peakRssMiB)}`);
}

function tryNext({ explanation, files, world }: DemoResult, folder: string): readonly string[] {
  const where = `--data-folder ${folder}`;
  const north = explanation.registration.name;
  return [
    `statements show ${explanation.statement.number} ${where}`,
    `explain ${explanation.statement.number} ${explanation.line.line} --limit 3 ${where}`,
    `tenants list ${north} --history ${where}`,
    `usage parked ${where}`,
    `usage import --registration ${north} ${files.bad} ${where}`,
    `statements conservation ${world.period.name} ${where}`,
    `demo --lang zh-Hans --records 20000`,
  ];
}
