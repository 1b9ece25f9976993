import { sha256 } from "../../lib/digest.ts";
import type { RegistrationId } from "../ids.ts";
import type { Charge } from "./charges.ts";
import type { MeterNames } from "./conservation.ts";
import { amountsOf, type LineFacts, lineFactsOf } from "./lineFacts.ts";
import { type KeptFacts, ownText, packedLine } from "./packedLines.ts";

interface Numbered {
  readonly number: number;
  readonly digest: string;
}

/**
 * Packs lines of the drafts of a run: what is the same on many lines is kept once. A draft of a run over tens of thousands of
 * payers takes a tenth of the room so, and of the time to write it.
 */
export class DraftPacker {
  readonly #meters: MeterNames;
  readonly #byFacts = new Map<LineFacts, Numbered>();
  /** Equal facts have one number, whoever made them. */
  readonly #byJson = new Map<string, Numbered>();
  #added: KeptFacts[] = [];

  constructor(meters: MeterNames) {
    this.#meters = meters;
  }

  /**
   * @param ordered a statement's charges in the order of its lines
   * @returns the lines as they are kept, and what tells two drafts of one payer apart, whatever run they are of
   */
  pack(
    ordered: readonly Charge[],
    mappingsOf: (registration: RegistrationId) => readonly number[],
  ): { readonly packedLines: string; readonly content: string } {
    const mappings = new Map<RegistrationId, readonly number[]>();
    const lines: string[] = [];
    const told: string[] = [];
    let digests = "";
    for (const charge of ordered) {
      const { registration, records } = charge;
      const { number, digest } = this.#numbered(lineFactsOf(charge, this.#meters));
      if (!mappings.has(registration)) mappings.set(registration, mappingsOf(registration));
      const own = ownText(packedLine(number, { ...amountsOf(charge), registration, records }));
      lines.push(`[${number},${own}]`);
      told.push(`[${own}]`);
      digests += digest;
    }
    const textOf = (all: readonly string[]) =>
      `{"mappings":${JSON.stringify([...mappings])},"lines":[${all.join(",")}]}`;
    // Numbers are those of one run; what they stand for tells drafts of two runs apart.
    return { packedLines: textOf(lines), content: sha256(textOf(told) + digests) };
  }

  #numbered(facts: LineFacts): Numbered {
    const known = this.#byFacts.get(facts);
    if (known !== undefined) return known;
    const json = JSON.stringify(facts);
    let own = this.#byJson.get(json);
    if (own === undefined) {
      own = { number: this.#byJson.size, digest: sha256(json) };
      this.#byJson.set(json, own);
      this.#added.push({ number: own.number, json });
    }
    this.#byFacts.set(facts, own);
    return own;
  }

  /** Facts that came up since this was asked last: to be kept beside the lines. */
  takeAdded(): readonly KeptFacts[] {
    const added = this.#added;
    this.#added = [];
    return added;
  }
}
