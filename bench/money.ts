import { execFileSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { CHECKS, isAcceptable } from "../src/domain/statement/checks.ts";
import { dataset, PERIOD, SEED } from "./dataset.ts";
import { addManyPayers, METERS, PARTNER, rollUpMonth, SHEET, tieredList } from "./manyPayers.ts";
import { withPeakMiB } from "./peak.ts";
import { report, rounded, timeMs } from "./report.ts";
import { importAll, type OpenStore, openStore } from "./store.ts";

const MiB = 2 ** 20;
/** The world that every payer is a copy of. */
const FIRST = 10_000;
const RECORDS_OF_PAYER = 200;
const BARE = `select registration, local_subscription, meter, toDate(usage_start) as day, sum(quantity), count()
  from usage_entry group by 1, 2, 3, 4 format Null`;

/** Something that is done with a month: how long it took, and the peak of the server's process meanwhile. */
interface Done {
  readonly ms: number;
  readonly peakMiB: number;
}

/** What is done with a month. */
interface Month {
  readonly run: Done;
  readonly close: Done;
  readonly verify: Done;
  readonly trial: Done;
  readonly lines: number;
  readonly bareMs: number;
  readonly linesMs: number;
}

async function done(work: () => Promise<unknown>): Promise<Done> {
  const [ms, peakMiB] = await withPeakMiB(() => timeMs(work));
  return { ms, peakMiB };
}

/** A month of many payers in a process of its own. */
export async function playMonth(payers: number, records: number): Promise<void> {
  const data = await dataset(FIRST);
  const store = await openStore(data);
  const { client } = store;
  await importAll(client, data);
  const meters = await addManyPayers(store, payers, records);
  await rollUpMonth(store);
  await store.usage.engine.query("read", BARE);
  const run = await done(() => client.runStatements(PERIOD));
  const bareMs = await timeMs(() => store.usage.engine.query("read", BARE));
  const [statement] = (await client.statements(PERIOD)).filter(({ partner }) => partner === PARTNER);
  const { lines } = await client.statement(statement!.number);
  const linesMs = await timeMs(async () => writeLines(store, lines, payers));
  const accept = CHECKS.filter(isAcceptable).map((check) => ({ check, reason: "a benchmark" }));
  const close = await done(() => client.closing.close(PERIOD, PARTNER, accept));
  const verify = await done(() => client.closing.verify({ period: PERIOD }));
  const dearer = { bytes: [Buffer.from(tieredList(meters, "0.0111"))], type: "text/csv" };
  const { version } = await client.prices.import(SHEET, dearer);
  const trial = await done(() => client.closing.trial(PERIOD, { prices: { sheet: SHEET, version } }));
  await store.close();
  const month: Month = { run, close, verify, trial, lines: lines.length * payers, bareMs, linesMs };
  console.log(JSON.stringify(month));
  store.remove();
}

/** The same lines into a bare database, as durably. */
function writeLines({ folder }: OpenStore, lines: readonly object[], statements: number): void {
  const database = new DatabaseSync(join(folder, "bare.sqlite"));
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = full; create table line (s integer, n integer, t text)",
  );
  const insert = database.prepare("insert into line values (?, ?, ?)");
  database.exec("begin");
  for (let s = 0; s < statements; s += 1)
    for (const [n, line] of lines.entries()) insert.run(s, n, JSON.stringify(line));
  database.exec("commit");
  database.close();
}

function monthOf(payers: number, records: number): Month {
  const args = [...process.execArgv, `${import.meta.dirname}/main.ts`, "--month-of-payers", `${payers},${records}`];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", maxBuffer: MiB })) as Month;
}

/** Draft statements, close, verify and a trial of a month of many payers, and how they grow with the payers. */
export async function money(quick: boolean): Promise<void> {
  const [fewPayers, manyPayers] = quick ? [1_000, 2_000] : [5_000, 50_000];
  await dataset(FIRST);
  const few = monthOf(fewPayers, fewPayers * RECORDS_OF_PAYER);
  const many = monthOf(manyPayers, manyPayers * RECORDS_OF_PAYER);
  const of = {
    bench: "money",
    dataset: `${manyPayers} payers, ${METERS} meters, ${manyPayers * RECORDS_OF_PAYER} records`,
    seed: SEED,
  };
  const tell = (measure: string, value: number, unit: string, against: Against): void => {
    const { baseline, ratio, must, ok } = against;
    const decided = quick ? { must: `reported; the full run: ${must}`, ok: true } : { must, ok };
    report({
      ...of,
      measure,
      value: rounded(value),
      unit,
      baseline,
      ratio: ratio === null ? null : rounded(ratio, 2),
      ...decided,
    });
  };
  const bareMs = many.bareMs + many.linesMs;
  tell(
    "draft statements, against the bare GROUP BY and writing the lines",
    many.run.ms,
    "ms",
    below(rounded(bareMs), many.run.ms / bareMs, 2),
  );
  const perMinute = manyPayers / (many.run.ms / 60_000);
  const fast = { baseline: null, ratio: null, must: "≥ 100,000", ok: perMinute >= 100_000 };
  tell("draft statements in a minute", perMinute, "statements/min", fast);
  const reported = { baseline: null, ratio: null, must: "reported", ok: true };
  for (const part of ["close", "verify"] as const) {
    const perLine = few[part].ms / few.lines;
    const linear = below(rounded(perLine * 1_000), many[part].ms / many.lines / perLine, 1.5);
    tell(`${part}, for each statement line`, (many[part].ms * 1_000) / many.lines, "µs", linear);
  }
  for (const part of ["run", "close", "verify", "trial"] as const) {
    const [fewMiB, manyMiB] = [few[part].peakMiB, many[part].peakMiB];
    const isAsked = part === "close" || part === "verify";
    const flat = isAsked
      ? below(rounded(fewMiB), manyMiB / fewMiB, 1.15)
      : { ...reported, baseline: rounded(fewMiB), ratio: manyMiB / fewMiB };
    tell(`peak of the server in a ${part}, ${manyPayers} payers against ${fewPayers}`, manyMiB, "MiB", flat);
  }
  tell(
    "trial of one changed price on the closed month, against the run",
    many.trial.ms,
    "ms",
    below(rounded(many.run.ms), many.trial.ms / many.run.ms, 0.5),
  );
  tell("statement lines", many.lines, "lines", reported);
}

interface Against {
  readonly baseline: number | null;
  readonly ratio: number | null;
  readonly must: string;
  readonly ok: boolean;
}

const below = (baseline: number, ratio: number, most: number): Against => ({
  baseline,
  ratio,
  must: `ratio ≤ ${most}`,
  ok: ratio <= most,
});
