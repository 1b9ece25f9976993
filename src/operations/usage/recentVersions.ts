import type { RegistrationId } from "../../domain/ids.ts";
import type { Identity } from "../../domain/usage/identity.ts";

/** Pieces that are remembered for a registration; more than a pipeline of two is only needed by parallel senders. */
const PIECES_MAX = 4;

interface Piece {
  readonly generation: number;
  readonly identities: readonly Identity[];
}

/**
 * What was stored while somebody was still looking up what is stored. It lets the look-up of one piece of usage run
 * beside the insert of the piece before: whoever judges adds what came in since the look-up began.
 */
export class RecentVersions {
  readonly #pieces = new Map<RegistrationId, Piece[]>();
  #generation = 0;

  /** A moment that `since` can be asked about. */
  get generation(): number {
    return this.#generation;
  }

  /** To be called when a piece is stored, before anybody else may store for this registration. */
  add(registration: RegistrationId, identities: readonly Identity[]): void {
    this.#generation += 1;
    const pieces = [...(this.#pieces.get(registration) ?? []), { generation: this.#generation, identities }];
    this.#pieces.set(registration, pieces.slice(-PIECES_MAX));
  }

  /** What was stored for a registration after a moment; undefined when it is not remembered any more. */
  since(registration: RegistrationId, generation: number): readonly Identity[] | undefined {
    const pieces = this.#pieces.get(registration) ?? [];
    const later = pieces.filter((piece) => piece.generation > generation);
    // All that is kept is later: something later still may have been dropped.
    if (later.length === PIECES_MAX) return undefined;
    return later.flatMap(({ identities }) => identities);
  }
}
