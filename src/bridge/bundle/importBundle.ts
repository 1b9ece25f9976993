import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "../../client/client.ts";
import type { IntakeCounts } from "../../client/types.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { sha256 } from "../../lib/digest.ts";
import { type Clock, formatInstant, HOUR_MS } from "../../lib/instant.ts";
import { deliverSubscriptions } from "../deliver.ts";
import { replaceFile } from "../durable.ts";
import { openBundle, type ReadBundle } from "./bundleFile.ts";
import { type OwnKeys, ownKeys, readPublicKeys } from "./keys.ts";
import { type BundleManifest, contentOf } from "./manifest.ts";
import { writeReceipt } from "./receipt.ts";

/** What is known here of a sender of bundles. */
interface Sender {
  readonly sender: string;
  readonly registration: string;
  readonly imported: readonly { readonly number: number; readonly content: string; readonly importedAt: string }[];
}

export interface ImportedBundle {
  readonly file: string;
  readonly stamp: string;
  readonly registration: string;
  readonly number: number;
  /** It was imported before; that changes nothing. */
  readonly repeated: boolean;
  readonly readings: number;
  readonly counts: IntakeCounts;
  /** Numbers below the highest one that were not imported yet. */
  readonly missing: readonly number[];
  readonly receipt: string;
}

/** Keys of the side that imports, and what it knows of each sender: a folder for its owner alone. */
export async function importKeys(place: string): Promise<OwnKeys> {
  await mkdir(place, { recursive: true, mode: 0o700 });
  return await ownKeys(join(place, "keys.json"));
}

const senderFile = (place: string, sender: string): string => join(place, `sender-${sha256(sender).slice(0, 16)}.json`);

async function readSender(place: string, sender: string): Promise<Sender | undefined> {
  const file = senderFile(place, sender);
  if (!existsSync(file)) return undefined;
  try {
    const known = JSON.parse(await readFile(file, "utf8")) as Sender;
    return known.sender === sender ? known : undefined;
  } catch (error) {
    throw new Fault("FileUnreadable", { file, reason: (error as Error).message }, { cause: error });
  }
}

/**
 * From now on bundles of a sender are believed, for one registration.
 * @returns false where the text is no key
 */
export async function trustSender(place: string, sender: string, registration: string): Promise<boolean> {
  const keys = readPublicKeys(sender);
  if (keys === undefined) return false;
  await mkdir(place, { recursive: true, mode: 0o700 });
  const known = await readSender(place, keys.text);
  await replaceFile(
    senderFile(place, keys.text),
    `${JSON.stringify({ sender: keys.text, registration, imported: known?.imported ?? [] })}\n`,
  );
  return true;
}

/**
 * Checks a bundle and delivers what is in it. Doing it twice adds nothing. A receipt is written beside it.
 * @throws Fault BundleInvalid, BundleSenderUnknown, FileUnreadable; Refused, and the faults of reaching a server
 */
export async function importBundle(
  client: Client,
  { place, file }: { readonly place: string; readonly file: string },
  clock: Clock,
): Promise<ImportedBundle> {
  const own = await importKeys(place);
  let known: Sender | undefined;
  const bundle = await openBundle(file, own, async ({ sender }) => {
    known = await readSender(place, sender);
    return known === undefined ? undefined : readPublicKeys(known.sender);
  });
  try {
    return await take(client, bundle, { place, file, own, known: known!, clock });
  } finally {
    await bundle.close();
  }
}

interface Taking {
  readonly place: string;
  readonly file: string;
  readonly own: OwnKeys;
  readonly known: Sender;
  readonly clock: Clock;
}

async function take(
  client: Client,
  bundle: ReadBundle,
  { place, file, own, known, clock }: Taking,
): Promise<ImportedBundle> {
  const { head } = bundle;
  const contents = new Map(known.imported.map(({ number, content }) => [number, content]));
  const invalid = (reason: string): Fault => new Fault("BundleInvalid", { file, reason });
  const before = contents.get(head.number);
  if (before !== undefined && before !== head.content)
    throw invalid(`another bundle ${head.number} was imported before`);
  const previous = contents.get(head.number - 1) ?? (head.number === 1 ? "" : undefined);
  if (previous !== undefined && previous !== head.after) {
    throw invalid(`it does not follow the bundle ${head.number - 1} that was imported`);
  }
  const manifest = JSON.parse((await bundle.part(0)).toString("utf8")) as BundleManifest;
  if (contentOf(manifest.readings) !== head.content || manifest.readings.length !== head.parts.length - 1) {
    throw invalid("its list of contents and its parts do not agree");
  }
  const { registration } = known;
  await deliverSubscriptions({ client, registration, stamp: head.stamp }, manifest.subscriptions);
  let counts: IntakeCounts = { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };
  for (const [i, { startMs, number }] of manifest.readings.entries()) {
    const bytes = [await bundle.part(i + 1)];
    const window = { start: formatInstant(startMs), end: formatInstant(startMs + HOUR_MS) };
    const stream = { bytes, type: "application/x-ndjson", encoding: "gzip" };
    const key = `bundle-${head.content.slice(0, 32)}-${number}`;
    counts = plus(counts, (await client.takeIn(registration, stream, window, key)).counts);
  }
  const importedAt = formatInstant(clock.now());
  const imported =
    before === undefined
      ? [...known.imported, { number: head.number, content: head.content, importedAt }]
      : known.imported;
  // Only now, with every row durable on the server. What is imported again after a crash in between is a duplicate there.
  await replaceFile(senderFile(place, known.sender), `${JSON.stringify({ ...known, imported })}\n`);
  const missing = missingIn(imported.map(({ number }) => number));
  const receipt = `${file}.receipt.json`;
  const { stamp, number, content, sender } = head;
  await writeReceipt(receipt, { stamp, sender, number, content, importedAt, counts, missing }, own);
  const readings = manifest.readings.length;
  return { file, stamp, registration, number, repeated: before !== undefined, readings, counts, missing, receipt };
}

/** Numbers from 1 up to the highest that are not there. */
function missingIn(numbers: readonly number[]): readonly number[] {
  const there = new Set(numbers);
  const missing: number[] = [];
  for (let number = 1; number < Math.max(0, ...numbers); number += 1) if (!there.has(number)) missing.push(number);
  return missing;
}

const plus = (a: IntakeCounts, b: IntakeCounts): IntakeCounts => ({
  accepted: a.accepted + b.accepted,
  duplicate: a.duplicate + b.duplicate,
  conflict: a.conflict + b.conflict,
  parked: a.parked + b.parked,
  rejected: a.rejected + b.rejected,
});
