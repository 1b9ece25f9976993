import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Client } from "../src/client/client.ts";
import { type Dataset, dataset, SEED } from "./dataset.ts";
import { exportRows, rawInsertMs } from "./rawInsert.ts";
import { median, report, rounded, timeMs } from "./report.ts";
import { type OpenStore, openStore } from "./store.ts";

const BATCH_RECORDS = 5_000;
const SENDERS = 4;
const RUNS = 5;

interface Batch {
  readonly stamp: string;
  readonly body: Buffer;
  readonly records: number;
}

/** The dataset's records as gzip NDJSON bodies, the stamps' in turn, each stamp's in the order in which it reported. */
async function batchesOf({ files }: Dataset): Promise<readonly Batch[]> {
  const perStamp = await Promise.all(
    files.map(async ({ stamp, file }) => {
      const batches: Batch[] = [];
      let lines: string[] = [];
      const cut = (): void => {
        if (lines.length === 0) return;
        const body = gzipSync(`${lines.join("\n")}\n`, { level: 1 });
        batches.push({ stamp: stamp.scope.name, body, records: lines.length });
        lines = [];
      };
      for await (const line of createInterface({ input: createReadStream(file) })) {
        lines.push(line);
        if (lines.length >= BATCH_RECORDS) cut();
      }
      cut();
      return batches;
    }),
  );
  const longest = Math.max(...perStamp.map((batches) => batches.length));
  return Array.from({ length: longest }, (_, i) => perStamp.flatMap((batches) => batches[i] ?? [])).flat();
}

interface Sent {
  readonly perSecond: number;
  readonly outcomes: { readonly accepted: number; readonly duplicate: number };
}

/** Sends all batches by some senders that take the next one as soon as theirs is answered. */
async function send(client: Client, batches: readonly Batch[]): Promise<Sent> {
  const waiting = [...batches];
  const outcomes = { accepted: 0, duplicate: 0 };
  const sender = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const stream = { bytes: [batch.body], type: "application/x-ndjson", encoding: "gzip" } as const;
      const { counts } = await client.takeIn(batch.stamp, stream);
      outcomes.accepted += counts.accepted;
      outcomes.duplicate += counts.duplicate;
    }
  };
  const records = batches.reduce((sum, batch) => sum + batch.records, 0);
  const ms = await timeMs(() => Promise.all(Array.from({ length: SENDERS }, sender)));
  return { perSecond: (records / ms) * 1_000, outcomes };
}

const CARRIED =
  "registration, reported_start, reported_end, local_subscription, usage_start, event, meter, meter_as_sent, location, tags, additional_info, quantity, content, held, kind, sign, decision, ended, batch, delivery, position, accepted_at";

/**
 * Multiplies what is stored inside the engine: every record again for other resources of the same hours and windows. What
 * the intake meets is a store of that size, without the hours that it would take to send it.
 */
async function multiply({ usage }: OpenStore, times: number): Promise<void> {
  const [[last]] = (await usage.engine.query("write", "select max(batch) from usage_entry")) as [[number]];
  for (let n = 1; n < times; n += 1) {
    await usage.engine.query(
      "write",
      `insert into usage_entry (${CARRIED}, series, resource_uri)
       select ${CARRIED}, toFixedString(substring(SHA256(concat(series, toString(${n}))), 1, 8), 8), concat(resource_uri, '@${n}')
       from usage_entry where batch <= ${last} and not match(resource_uri, '@[0-9]+$')
       settings max_partitions_per_insert_block = 0`,
    );
  }
}

async function storedRows({ usage }: OpenStore): Promise<number> {
  const [[rows]] = (await usage.engine.query("write", "select count() from usage_entry")) as [[number]];
  return rows;
}

async function bytesPerRecord({ usage }: OpenStore): Promise<number> {
  await usage.engine.query("write", "optimize table usage_entry final");
  const [[bytes, rows]] = (await usage.engine.query(
    "write",
    "select sum(bytes_on_disk), sum(rows) from system.parts where active and table = 'usage_entry'",
  )) as [[number, number]];
  return bytes / rows;
}

/**
 * HTTP intake as stamps do it: small batches, several senders, durable before each answer. New records against the bare
 * engine's insert of the same rows as JSON; repeats against new ones; a large store against an empty one.
 */
export async function deliveries(quick: boolean): Promise<void> {
  const data = await dataset(quick ? 200_000 : 1_000_000);
  const batches = await batchesOf(data);
  const fresh: number[] = [];
  const repeated: number[] = [];
  const raw: number[] = [];
  for (let run = 0; run < (quick ? 1 : RUNS); run += 1) {
    const store = await openStore(data);
    try {
      fresh.push((await send(store.client, batches)).perSecond);
      const again = await send(store.client, batches);
      if (again.outcomes.accepted > 0) throw new Error("a repeat was accepted");
      repeated.push(again.perSecond);
      const { files, rows } = await exportRows(store);
      await store.close();
      raw.push((rows / (await rawInsertMs(files, store.folder, "raw insert"))) * 1_000);
    } finally {
      store.remove();
    }
  }
  const common = { bench: "deliveries", unit: "records/s", dataset: data.name, seed: SEED };
  const asRatio = (values: readonly number[], baselines: readonly number[]): number =>
    rounded(median(values.map((value, i) => value / baselines[i]!)), 2);
  const ratio = asRatio(fresh, raw);
  report({
    ...common,
    measure: `HTTP intake, gzip NDJSON, ${BATCH_RECORDS} a batch, ${SENDERS} senders, new records; against raw insert as JSON`,
    value: rounded(median(fresh)),
    baseline: rounded(median(raw)),
    ratio,
    must: "ratio ≥ 0.5",
    ok: ratio >= 0.5,
  });
  const repeat = asRatio(repeated, fresh);
  report({
    ...common,
    measure: "the same batches again, all duplicates; against new ones",
    value: rounded(median(repeated)),
    baseline: rounded(median(fresh)),
    ratio: repeat,
    must: "ratio ≥ 1",
    ok: repeat >= 1,
  });
  await intoLargeStore(quick);
}

/** Until the engine has merged what it means to merge: a store that was just filled is busy with itself. */
async function settled({ usage }: OpenStore): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    const [[merges]] = (await usage.engine.query("write", "select count() from system.merges")) as [[number]];
    quiet = merges === 0 ? quiet + 1 : 0;
    await sleep(1_000);
  }
}

/** In a world of the full size a batch of a stamp lies within one or two of its windows, as it does in life. */
async function intoLargeStore(quick: boolean): Promise<void> {
  const data = await dataset(quick ? 200_000 : 10_000_000);
  const times = quick ? 10 : 20;
  const batches = await batchesOf(data);
  // Every second batch fills the store; what is measured are some of the others: records of the same windows.
  const measured = batches.filter((_, i) => i % 2 === 1).slice(0, 60);
  const store = await openStore(data);
  try {
    await send(
      store.client,
      batches.filter((_, i) => i % 2 === 0),
    );
    const bytes = await bytesPerRecord(store);
    await multiply(store, times);
    await settled(store);
    const rows = await storedRows(store);
    const empty: number[] = [];
    const large: number[] = [];
    const rounds = quick ? 1 : RUNS;
    for (let round = 0; round < rounds; round += 1) {
      const own = measured.filter((_, i) => i % rounds === round);
      empty.push(await rateIntoEmpty(data, own));
      large.push((await send(store.client, own)).perSecond);
    }
    const ratio = rounded(median(large.map((rate, i) => rate / empty[i]!)), 2);
    const common = { bench: "deliveries", seed: SEED };
    report({
      ...common,
      measure: `intake with ${rows} records stored, against the rate into an empty store`,
      value: rounded(median(large)),
      unit: "records/s",
      baseline: rounded(median(empty)),
      ratio,
      must: quick ? "reported; the full run must keep to ≥ 0.8" : "ratio ≥ 0.8",
      ok: quick || ratio >= 0.8,
      dataset: `${data.name}; half of it stored and multiplied ${times} times in the engine`,
    });
    report({
      ...common,
      measure: "stored bytes per record after merging",
      value: rounded(bytes, 1),
      unit: "bytes",
      baseline: null,
      ratio: null,
      must: "≤ 40 bytes",
      ok: bytes <= 40,
      dataset: data.name,
    });
  } finally {
    await store.close();
    store.remove();
  }
}

async function rateIntoEmpty(data: Dataset, batches: readonly Batch[]): Promise<number> {
  const store = await openStore(data);
  try {
    return (await send(store.client, batches)).perSecond;
  } finally {
    await store.close();
    store.remove();
  }
}
