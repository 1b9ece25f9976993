import assert from "node:assert/strict";
import type { InstantMs } from "../../lib/instant.ts";
import type { DeliveredCounts } from "./stampState.ts";

/** A piece of usage, as it came, that waits in a file for the server. */
export interface SpooledPiece {
  /** Counts the pieces of a source, without a gap. */
  readonly number: number;
  /** Its name in the spool. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of what is in it, before compression, as hexadecimal digits. */
  readonly digest: string;
  readonly contentType: string;
  /** Reported hour of the stamps' records in it, where they do not say it themselves. */
  readonly windowStartMs?: InstantMs;
  /** The file that it came in, or the address. */
  readonly from: string;
}

/** A piece that the server refused or rejected rows of, and the code that says why. */
export interface SetAsidePiece extends SpooledPiece {
  readonly reason: string;
}

/** A file that was looked at and is still in its folder. */
export interface SeenFile {
  readonly name: string;
  readonly digest: string;
  /** Why nothing of it was taken; empty where all of it was. */
  readonly refused: string;
}

/** How far an HTTP source was read. */
export interface FeedPosition {
  readonly url: string;
  /** Of the answer that was taken last from this address; empty without. */
  readonly etag: string;
  readonly digest: string;
}

/** All that a bridge knows of a folder or an HTTP source, kept durable as one whole. */
export interface SourceState {
  readonly version: 1;
  readonly nextNumber: number;
  readonly spool: readonly SpooledPiece[];
  readonly setAside: readonly SetAsidePiece[];
  readonly deliveries: number;
  readonly delivered: DeliveredCounts;
  readonly files: readonly SeenFile[];
  readonly position: FeedPosition | undefined;
}

export const startSourceState: SourceState = {
  version: 1,
  nextNumber: 1,
  spool: [],
  setAside: [],
  deliveries: 0,
  delivered: { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 },
  files: [],
  position: undefined,
};

export const keptPieces = ({ spool, setAside }: SourceState): readonly SpooledPiece[] => [...spool, ...setAside];

export const bytesOfPieces = (state: SourceState): number =>
  keptPieces(state).reduce((sum, { bytes }) => sum + bytes, 0);

/** What a file is to who saw it before: not seen, taken, refused, or changed since it was taken. */
export function judgeFile(
  { files }: SourceState,
  name: string,
  digest: string,
): "new" | "taken" | "refused" | "changed" {
  const seen = files.find((so) => so.name === name);
  if (seen === undefined) return "new";
  if (seen.digest === digest) return seen.refused === "" ? "taken" : "refused";
  // What was refused may be mended; what was taken has counted.
  return seen.refused === "" || seen.refused === "FileChanged" ? "changed" : "new";
}

/** Files that are still there and of which nothing was taken. */
export const refusedFiles = ({ files }: SourceState): readonly { readonly name: string; readonly reason: string }[] =>
  files.filter(({ refused }) => refused !== "").map(({ name, refused }) => ({ name, reason: refused }));

/** What was read is durable in the spool; only now the source counts as read so far. */
export function afterTaking(
  state: SourceState,
  pieces: readonly SpooledPiece[],
  seen: { readonly file: SeenFile } | { readonly position: FeedPosition },
): SourceState {
  pieces.forEach(({ number }, i) => assert(number === state.nextNumber + i, "pieces are numbered without a gap"));
  const files =
    "file" in seen ? [...state.files.filter(({ name }) => name !== seen.file.name), seen.file] : state.files;
  return {
    ...state,
    nextNumber: state.nextNumber + pieces.length,
    spool: [...state.spool, ...pieces],
    files,
    position: "position" in seen ? seen.position : state.position,
  };
}

/** Files that are gone from the folder need not be known any more. */
export const withoutGone = (state: SourceState, there: ReadonlySet<string>): SourceState =>
  state.files.every(({ name }) => there.has(name))
    ? state
    : { ...state, files: state.files.filter(({ name }) => there.has(name)) };

/** The server has answered for a piece. @param reason why it is set aside; empty where it was taken whole */
export function afterPiece(state: SourceState, number: number, counts: DeliveredCounts, reason: string): SourceState {
  const [first, ...rest] = state.spool;
  assert(first?.number === number, "pieces are delivered in order");
  const sums = Object.entries(state.delivered).map(([outcome, sum]) => {
    return [outcome, (sum as number) + counts[outcome as keyof DeliveredCounts]] as const;
  });
  return {
    ...state,
    spool: rest,
    setAside: reason === "" ? state.setAside : [...state.setAside, { ...first, reason }],
    deliveries: state.deliveries + 1,
    delivered: Object.fromEntries(sums) as unknown as DeliveredCounts,
  };
}

/** Everything that was set aside is delivered once more: what the server has by now is a duplicate there. */
export function piecesAgain(state: SourceState): SourceState {
  const again = state.setAside.map((piece, i) => ({ ...piece, number: state.nextNumber + i }));
  return { ...state, setAside: [], spool: [...state.spool, ...again], nextNumber: state.nextNumber + again.length };
}
