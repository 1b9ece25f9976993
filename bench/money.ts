import { execFileSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { CHECKS, isAcceptable } from "../src/domain/statement/checks.ts";
import { dataset, PERIOD, SEED } from "./dataset.ts";
import { addManyPayers, METERS, PARTNER, rollUpMonth, SHEET, tieredList } from "./manyPayers.ts";
import { report, rounded, timeMs } from "./report.ts";
import { importAll, type OpenStore, openStore } from "./store.ts";

const MiB = 2 ** 20;
/** The world that every payer is a copy of. */
const FIRST = 10_000;
const RECORDS_OF_PAYER = 200;
const BARE = `select registration, local_subscription, meter, toDate(usage_start) as day, sum(quantity), count()
  from usage_entry group by 1, 2, 3, 4 format Null`;

/** Milliseconds of each thing that is done with a month, and the peak of the server's process. */
interface Month {
  readonly runMs: number;
  readonly bareMs: number;
  readonly linesMs: number;
  readonly lines: number;
  readonly closeMs: number;
  readonly verifyMs: number;
  readonly trialMs: number;
  readonly serverMiB: number;
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
  const runMs = await timeMs(() => client.runStatements(PERIOD));
  const bareMs = await timeMs(() => store.usage.engine.query("read", BARE));
  const [statement] = (await client.statements(PERIOD)).filter(({ partner }) => partner === PARTNER);
  const { lines } = await client.statement(statement!.number);
  const linesMs = await timeMs(async () => writeLines(store, lines, payers));
  const accept = CHECKS.filter(isAcceptable).map((check) => ({ check, reason: "a benchmark" }));
  const closeMs = await timeMs(() => client.closing.close(PERIOD, PARTNER, accept));
  const verifyMs = await timeMs(() => client.closing.verify({ period: PERIOD }));
  const dearer = { bytes: [Buffer.from(tieredList(meters, "0.0111"))], type: "text/csv" };
  const { version } = await client.prices.import(SHEET, dearer);
  const trialMs = await timeMs(() => client.closing.trial(PERIOD, { prices: { sheet: SHEET, version } }));
  await store.close();
  const serverMiB = (process.resourceUsage().maxRSS * 1_024) / MiB;
  const month: Month = { runMs, bareMs, linesMs, lines: lines.length * payers, closeMs, verifyMs, trialMs, serverMiB };
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
  const run = many.runMs / bareMs;
  tell(
    "draft statements, against the bare GROUP BY and writing the lines",
    many.runMs,
    "ms",
    below(rounded(bareMs), run, 2),
  );
  const perMinute = manyPayers / (many.runMs / 60_000);
  const fast = { baseline: null, ratio: null, must: "≥ 100,000", ok: perMinute >= 100_000 };
  tell("draft statements in a minute", perMinute, "statements/min", fast);
  const reported = { baseline: null, ratio: null, must: "reported", ok: true };
  const linear = (of: "closeMs" | "verifyMs"): Against => {
    const ofFew = few[of] / few.lines;
    return below(rounded(ofFew * 1_000), many[of] / many.lines / ofFew, 1.5);
  };
  tell("close, for each statement line", (many.closeMs * 1_000) / many.lines, "µs", linear("closeMs"));
  tell("verify, for each statement line", (many.verifyMs * 1_000) / many.lines, "µs", linear("verifyMs"));
  const grown = many.serverMiB / few.serverMiB;
  tell(
    `peak of the server, ${manyPayers} payers against ${fewPayers}`,
    many.serverMiB,
    "MiB",
    below(rounded(few.serverMiB), grown, 1.15),
  );
  tell(
    "trial of one changed price on the closed month, against the run",
    many.trialMs,
    "ms",
    below(rounded(many.runMs), many.trialMs / many.runMs, 0.5),
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
