import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { piecesOf } from "../client/pieces.ts";
import { afterTaking, judgeFile, type SpooledPiece, withoutGone } from "../domain/bridge/sourceState.ts";
import { LIMITS } from "../domain/limits.ts";
import { HOUR_MS, type InstantMs, parseInstant } from "../lib/instant.ts";
import { syncFolder } from "./durable.ts";
import type { SourceParts, TakeNext } from "./sourceRunner.ts";
import type { FolderSettings } from "./sourceSettings.ts";
import { writePiece } from "./spoolPiece.ts";
import { Trouble } from "./trouble.ts";

const LINES = /\.(ndjson|jsonl)(\.gz)?$/i;
const JSON_DOCUMENT = /\.json(\.gz)?$/i;
const JSON_TYPES = {
  events: "application/cloudevents-batch+json",
  event: "application/cloudevents+json",
  page: "application/json",
} as const;

/** A reported hour between two dots of a name, as `stampbook simulator generate --pages` writes it. */
const HOUR_IN_NAME = /\.(\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\d)Z\./;

function windowIn(name: string): InstantMs | undefined {
  const [, hour, minutes, seconds] = HOUR_IN_NAME.exec(name) ?? [];
  const atMs = hour === undefined ? undefined : parseInstant(`${hour}:${minutes}:${seconds}Z`);
  return atMs !== undefined && atMs % HOUR_MS === 0 ? atMs : undefined;
}

const sameFile = (a: Stats, b: Stats): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;

/** A file whose bytes cannot be unpacked. */
class Damaged extends Error {}

/**
 * Takes the files of a folder in the order of their names. A file is complete once it has a name that is taken: who writes
 * it gives it another name until then. What was taken or refused is moved away, or remembered by its digest.
 */
export function folderSource(parts: SourceParts, settings: FolderSettings): TakeNext {
  const { store, events } = parts;
  /** Files that nothing is to be done about, as they were: they are not read again to find that out. */
  const settled = new Map<string, Stats>();

  async function takeNext(bytesMax: number): Promise<boolean> {
    const names = await namesIn(settings);
    const gone = withoutGone(store.state, new Set(names));
    if (gone !== store.state) await store.update((state) => withoutGone(state, new Set(names)));
    for (const name of names) {
      const file = join(settings.folder, name);
      const before = await stat(file).catch(unlessGone);
      if (before === undefined) continue;
      const known = settled.get(name);
      if (known !== undefined && sameFile(known, before)) continue;
      const digest = await digestOf(file);
      await unchanged(file, before);
      const judged = judgeFile(store.state, name, digest);
      if (judged === "new") {
        const refused = await take({ name, file, digest, before }, bytesMax);
        await putAway(name, before, refused);
        return true;
      }
      if (judged === "changed") await refuse(name, digest, "FileChanged");
      await putAway(name, before, judged !== "taken");
    }
    return false;
  }

  /** @returns whether it was refused */
  async function take(
    { name, file, digest, before }: { name: string; file: string; digest: string; before: Stats },
    bytesMax: number,
  ): Promise<boolean> {
    const pieces: SpooledPiece[] = [];
    try {
      const windowStartMs = windowIn(name);
      const about = {
        contentType: LINES.test(name) ? "application/x-ndjson" : JSON_TYPES[settings.jsonFiles],
        from: name,
        ...(windowStartMs === undefined ? {} : { windowStartMs }),
      };
      let bytes = 0;
      for await (const piece of piecesOf(bytesOf(file), LINES.test(name) ? LIMITS.importPieceBytesMax : undefined)) {
        const number = store.state.nextNumber + pieces.length;
        const written = await writePiece(store.folder, number, piece.bytes, bytesMax - bytes);
        bytes += written.bytes;
        pieces.push({ number, file: written.file, bytes: written.bytes, digest: written.digest, ...about });
      }
      await unchanged(file, before);
    } catch (error) {
      for (const { file: left } of pieces) await rm(join(store.folder, left), { force: true });
      if (!(error instanceof Damaged)) throw error;
      await refuse(name, digest, "FileUnreadable");
      return true;
    }
    await store.update((state) => afterTaking(state, pieces, { file: { name, digest, refused: "" } }));
    events.taken(parts.settings.name, { from: name, pieces: pieces.length });
    return false;
  }

  async function refuse(name: string, digest: string, reason: string): Promise<void> {
    await store.update((state) => afterTaking(state, [], { file: { name, digest, refused: reason } }));
    events.refused(parts.settings.name, { from: name, reason });
  }

  async function putAway(name: string, before: Stats, isRefused: boolean): Promise<void> {
    if (settings.doneFolder === "") settled.set(name, before);
    else await move(settings, name, isRefused);
  }

  return takeNext;
}

async function namesIn({ folder }: FolderSettings): Promise<readonly string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new Trouble("failed", `the folder cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return names.filter((name) => !name.startsWith(".") && (LINES.test(name) || JSON_DOCUMENT.test(name))).sort();
}

function unlessGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function unchanged(file: string, before: Stats): Promise<void> {
  const after = await stat(file).catch(unlessGone);
  if (after !== undefined && sameFile(after, before)) return;
  throw new Trouble("not-ready", `${file} changed while it was read; it must have another name until it is complete`);
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  if (!file.toLowerCase().endsWith(".gz")) {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
    return;
  }
  const packed = createReadStream(file);
  const unpacked = packed.pipe(createGunzip());
  packed.once("error", (error) => unpacked.destroy(error));
  try {
    yield* unpacked as AsyncIterable<Buffer>;
  } catch (error) {
    // The codes of zlib, for example Z_DATA_ERROR.
    if (((error as NodeJS.ErrnoException).code ?? "").startsWith("Z_")) throw new Damaged("it cannot be unpacked");
    throw error;
  }
}

/** Under its own name; under another one where that is there already. */
async function move({ folder, doneFolder }: FolderSettings, name: string, isRefused: boolean): Promise<void> {
  const to = isRefused ? join(doneFolder, "refused") : doneFolder;
  try {
    await mkdir(to, { recursive: true });
    const there = new Set(await readdir(to));
    let free = name;
    for (let nth = 2; there.has(free); nth += 1) free = `${name}.${nth}`;
    await rename(join(folder, name), join(to, free));
    await syncFolder(to);
    await syncFolder(folder);
  } catch (error) {
    throw new Trouble("failed", `${name} cannot be moved to ${to}: ${(error as Error).message}`, { cause: error });
  }
}
