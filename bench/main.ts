// npm run bench [-- NAME… --quick --list]: ratios against the raw engine in the same run, one JSON object a line.
import { startLean } from "../src/lib/startLean.ts";
import { backlog, backlogOf } from "./backlog.ts";
import { deliveries } from "./deliveries.ts";
import { explain } from "./explain.ts";
import { exports } from "./exports.ts";
import { intake } from "./intake.ts";
import { importAndTellPeak, importIntoAndTellPeak, memory, memoryOfIntake } from "./memory.ts";
import { money, playMonth } from "./money.ts";
import { pages } from "./pages.ts";
import { registration, serveBare, serveOurs } from "./registration.ts";
import { statements } from "./statements.ts";
import { totals } from "./totals.ts";

const BENCHES: Readonly<Record<string, { readonly doc: string; readonly run: (quick: boolean) => Promise<void> }>> = {
  intake: {
    doc: "records/s from file to durable store, against the bare engine's insert of the same rows",
    run: intake,
  },
  deliveries: {
    doc: "HTTP intake of small batches by several senders: new, repeated, and into a large store; bytes per record",
    run: deliveries,
  },
  statements: { doc: "a statement run, against the bare engine's GROUP BY over the same records", run: statements },
  totals: { doc: "usage added up by payer, and one customer's month, against the bare engine's GROUP BY", run: totals },
  pages: { doc: "a page of 1,000 rows of the provider usage API, against the bare engine's query", run: pages },
  registration: {
    doc: "reading and writing mappings over HTTP, against the bare HTTP library and disk",
    run: registration,
  },
  money: { doc: "draft statements, close, verify and a trial of a month of 50,000 payers", run: money },
  exports: {
    doc: "FOCUS Parquet of a closed month, against the bare engine's export of the same columns",
    run: exports,
  },
  explain: { doc: "explanation of a statement line down to its records, over HTTP", run: explain },
  backlog: {
    doc: "how fast a bridge catches up with a stamp that was offline for a month, and its memory",
    run: backlog,
  },
  memory: { doc: "peak memory of an import as the input grows ten times", run: memory },
};

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "--peak-of-import") return await importAndTellPeak(Number(args[1]));
  if (args[0] === "--peak-of-import-into") return await importIntoAndTellPeak(args[1]!, Number(args[2]));
  if (args[0] === "--month-of-payers") return await playMonth(...(args[1]!.split(",").map(Number) as [number, number]));
  if (args[0] === "--serve-bare") return await serveBare();
  if (args[0] === "--serve-registration") return await serveOurs(args[1]!);
  if (args[0] === "--backlog-of") return await backlogOf(args[1]!);
  if (args[0] === "--totals-of-millions") return await totals(false, args[1]!.split(",").map(Number));
  if (args[0] === "--pages-of-millions") return await pages(false, args[1]!.split(",").map(Number));
  if (args[0] === "--intake-memory-at-millions") return await memoryOfIntake(args[1]!.split(",").map(Number));
  if (args.includes("--list")) {
    for (const [name, { doc }] of Object.entries(BENCHES)) console.log(`${name.padEnd(12)} ${doc}`);
    return undefined;
  }
  const quick = args.includes("--quick");
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown = [...names, ...args.filter((arg) => arg.startsWith("--") && arg !== "--quick")].filter(
    (name) => BENCHES[name] === undefined,
  );
  if (unknown.length > 0) {
    console.error(`There is no benchmark or option ${unknown.join(", ")}; see npm run bench -- --list`);
    process.exitCode = 2;
    return undefined;
  }
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) await BENCHES[name]!.run(quick);
  return undefined;
}

// As the product starts.
startLean(process.env);
await main(process.argv.slice(2));
