import { dataset, PERIOD, SEED } from "./dataset.ts";
import { addManyPayers, PARTNER, rollUpMonth } from "./manyPayers.ts";
import { median, p95, report, rounded, timeMs } from "./report.ts";
import { importAll, type OpenStore, openStore } from "./store.ts";

/** The world that every payer is a copy of. */
const FIRST = 10_000;
const PAYERS = 1_000;
const RECORDS_OF_PAYER = 200;
/** Meters of the one payer whose lines have very many records. */
const LINES = 5;
const QUESTIONS = 60;
const P95_MS_MAX = 300;
const ALWAYS = { recordedUntilMs: Number.MAX_SAFE_INTEGER };

/** Explanations of lines with very many records, over HTTP, with the first page of the records. */
export async function explain(quick: boolean): Promise<void> {
  const records = quick ? 100_000 : 1_000_000;
  const data = await dataset(FIRST);
  const store = await openStore(data);
  try {
    await importAll(store.client, data);
    const meters = await addManyPayers(store, PAYERS, PAYERS * RECORDS_OF_PAYER);
    const payer = await addRecords(store, meters.slice(0, LINES), records);
    await rollUpMonth(store);
    await store.client.runStatements(PERIOD);
    const of = (await store.client.statements(PERIOD)).find((so) => so.partner === PARTNER && so.payer === payer)!;
    const { lines } = await store.client.statement(of.number);
    const large = lines.filter((line) => line.records > records);
    if (large.length < LINES) throw new Error(`${large.length} lines have more than ${records} records`);
    const times: number[] = [];
    for (let question = 0; question <= QUESTIONS; question += 1) {
      const { line, records: ofLine } = large[question % large.length]!;
      const ms = await timeMs(async () => {
        const { records: told } = await store.client.explain(of.number, line);
        if (told.recordsInAll !== ofLine)
          throw new Error(`line ${line} has ${ofLine} records, not ${told.recordsInAll}`);
      });
      if (question > 0) times.push(ms);
    }
    tell(times, { quick, records });
  } finally {
    await store.close();
    store.remove();
  }
}

function tell(
  times: readonly number[],
  { quick, records }: { readonly quick: boolean; readonly records: number },
): void {
  const p95Ms = p95(times);
  const measure = `explanation of a line with ${records} records, its first page, over HTTP, of ${times.length}`;
  const dataset = `${PAYERS} payers, ${PAYERS * RECORDS_OF_PAYER + LINES * records} records`;
  const of = { bench: "explain", unit: "ms", baseline: null, ratio: null, dataset, seed: SEED };
  report({ ...of, measure: `${measure}: median`, value: rounded(median(times)), must: "reported", ok: true });
  const must = `≤ ${P95_MS_MAX}`;
  report({
    ...of,
    measure: `${measure}: p95`,
    value: rounded(p95Ms),
    must: quick ? `reported; the full run must keep to ${must}` : must,
    ok: quick || p95Ms <= P95_MS_MAX,
  });
}

/** Gives the newest stamp's last payer so many records more of each meter, in hours all over the month. @returns the payer */
async function addRecords({ control, usage }: OpenStore, meters: readonly string[], records: number): Promise<string> {
  const local = (await control.localSubscriptions.changes(ALWAYS)).at(-1)!;
  const mapping = (await control.tenancy.changes(ALWAYS)).findLast(
    ({ registration, tenant }) => registration === local.registration && tenant === local.tenant,
  )!;
  for (const [i, meter] of meters.entries()) {
    await usage.engine.query(
      "write",
      `insert into usage_entry select * except (copy) replace (
         unhex(leftPad(hex(toUInt64(copy + ${(i + 1) * 1_000_000_000 + 1_000_000_000_000})), 32, '0')) as event,
         toDateTime('${PERIOD}-01 00:00:00', 'UTC') + 3600 * (copy % 696) as usage_start,
         usage_start as reported_start, usage_start + 3600 as reported_end,
         toDecimal256(1 + copy % 977, 30) / 719 as quantity)
       from (select * from usage_entry where registration = ${local.registration} and meter = '${meter}'
         and local_subscription = '${local.localSubscription}' limit 1) as first
       cross join (select number as copy from numbers(${records})) as copies`,
    );
  }
  return mapping.customer!;
}
