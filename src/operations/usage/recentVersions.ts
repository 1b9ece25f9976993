import type { RegistrationId } from "../../domain/ids.ts";
import type { KnownEntry } from "../../domain/usage/entry.ts";

/** Pieces that are remembered for a registration; more than a pipeline of two is only needed by parallel senders. */
const PIECES_MAX = 4;

interface Recent {
  /** Intakes that are under way; when the last one ends there is nobody left to remember for. */
  takers: number;
  /** Before this moment nothing can be told. */
  floor: number;
  pieces: { readonly generation: number; readonly entries: readonly KnownEntry[] }[];
}

/**
 * What was stored while somebody was still looking up what is stored. It lets the look-up of one piece of usage run
 * beside the insert of the piece before: whoever judges adds what came in since the look-up began.
 */
export class RecentVersions {
  readonly #registrations = new Map<RegistrationId, Recent>();
  #generation = 0;

  /** A moment that `since` can be asked about. */
  get generation(): number {
    return this.#generation;
  }

  /** An intake begins; the other calls are only for registrations of which one is under way. */
  begin(registration: RegistrationId): void {
    const recent = this.#registrations.get(registration);
    if (recent !== undefined) recent.takers += 1;
    else this.#registrations.set(registration, { takers: 1, floor: 0, pieces: [] });
  }

  end(registration: RegistrationId): void {
    const recent = this.#registrations.get(registration);
    if (recent !== undefined && --recent.takers === 0) this.#registrations.delete(registration);
  }

  /** To be called when a piece is stored, before anybody else may store for this registration. */
  add(registration: RegistrationId, entries: readonly KnownEntry[]): void {
    this.#generation += 1;
    const recent = this.#registrations.get(registration);
    if (recent === undefined) return;
    recent.pieces.push({ generation: this.#generation, entries });
    if (recent.pieces.length > PIECES_MAX) recent.floor = recent.pieces.shift()!.generation;
  }

  /** A piece may have been stored or not: whoever looked up before must look up again. */
  forget(registration: RegistrationId): void {
    this.#generation += 1;
    const recent = this.#registrations.get(registration);
    if (recent === undefined) return;
    recent.pieces = [];
    recent.floor = this.#generation;
  }

  /** What was stored for a registration after a moment; undefined when that cannot be told any more. */
  since(registration: RegistrationId, generation: number): readonly KnownEntry[] | undefined {
    const recent = this.#registrations.get(registration);
    if (recent === undefined || generation < recent.floor) return undefined;
    return recent.pieces.filter((piece) => piece.generation > generation).flatMap(({ entries }) => entries);
  }
}
