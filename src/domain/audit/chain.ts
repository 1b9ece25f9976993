import { canonicalJson } from "../../lib/canonicalJson.ts";
import { sha256 } from "../../lib/digest.ts";
import { formatInstant } from "../../lib/instant.ts";
import type { AuditEntry, AuditRecord } from "./store.ts";

/** What the first record of the chain follows. */
export const CHAIN_START = "0".repeat(64);

/** The last instant that has a text; a record that was tampered with may say anything. */
const INSTANT_MS_MAX = 8.64e15;

/** A record as the API tells it: what is hashed, and what an outsider needs to hash it again. */
export const toldRecord = ({ atMs, ...record }: AuditRecord & { readonly number: number }) => ({
  number: record.number,
  at: Math.abs(atMs) <= INSTANT_MS_MAX ? formatInstant(atMs) : String(atMs),
  actor: record.actor,
  actorId: record.actorId,
  address: record.address,
  correlationId: record.correlationId,
  action: record.action,
  target: record.target,
  outcome: record.outcome,
  detail: record.detail,
});

/**
 * The hash of a record: lower-case hex SHA-256 over the UTF-8 bytes of `previous`, a line feed, and the canonical JSON
 * (RFC 8785) of the record as the API tells it, without `hash`. `previous` is the hash of the record before it,
 * `CHAIN_START` for the first one. docs/operating/audit.md tells it to outsiders.
 */
export const chainHash = (previous: string, record: AuditRecord & { readonly number: number }): string =>
  sha256(`${previous}\n${canonicalJson(toldRecord(record))}`);

/** The record with every text as a store gives it back: halves of surrogate pairs have no UTF-8. */
export const storable = (record: AuditRecord): AuditRecord => ({
  atMs: record.atMs,
  actor: record.actor.toWellFormed(),
  actorId: record.actorId.toWellFormed(),
  address: record.address.toWellFormed(),
  correlationId: record.correlationId.toWellFormed(),
  action: record.action.toWellFormed(),
  target: record.target.toWellFormed(),
  outcome: record.outcome.toWellFormed(),
  detail: JSON.parse(JSON.stringify(record.detail).toWellFormed()) as AuditRecord["detail"],
});

export interface Broken {
  readonly number: number;
  readonly why: "missing" | "altered" | "unchained";
}

export interface Verification {
  /** Records that were read; up to the broken one. */
  readonly records: number;
  /** Records from before there was a chain. Nothing protects these. */
  readonly unchained: number;
  /** The last record that is in order. */
  readonly head: { readonly number: number; readonly hash: string };
  /** The first record that is not. */
  readonly broken: Broken | undefined;
}

/** Follows a chain record by record, in their order, and holds nothing but where it is. */
export class ChainWalk {
  #records = 0;
  #unchained = 0;
  #head = { number: 0, hash: CHAIN_START };
  #broken: Broken | undefined;

  get result(): Verification {
    return { records: this.#records, unchained: this.#unchained, head: this.#head, broken: this.#broken };
  }

  /** False when the chain is broken here: nothing behind it can be judged. */
  step(entry: AuditEntry): boolean {
    this.#records += 1;
    this.#broken = this.#wrong(entry);
    if (this.#broken !== undefined) return false;
    if (entry.hash === "") this.#unchained += 1;
    this.#head = { number: entry.number, hash: entry.hash === "" ? CHAIN_START : entry.hash };
    return true;
  }

  #wrong(entry: AuditEntry): Broken | undefined {
    const number = this.#head.number + 1;
    if (entry.number !== number) return { number, why: "missing" };
    const chainHasBegun = this.#records - 1 > this.#unchained;
    if (entry.hash === "") return chainHasBegun ? { number, why: "unchained" } : undefined;
    return chainHash(this.#head.hash, entry) === entry.hash ? undefined : { number, why: "altered" };
  }
}
