import assert from "node:assert/strict";
import type { RegistrationId } from "../ids.ts";
import { factsOfLine } from "./lineFacts.ts";
import { type KeptFacts, type PackedLine, packedLine, type PackedLines } from "./packedLines.ts";
import type { StatementLine } from "./statement.ts";

/** Facts that are remembered: those of a few megabytes. Ones that were forgotten are kept again, under another number. */
const FACTS_REMEMBERED_MAX = 10_000;

/**
 * Packs lines of the statements of one closing, piece by piece: what is the same on many lines is kept once. So a line takes a
 * tenth of the room, and whoever reads millions of them works out what they share once.
 */
export class StatementPacker {
  readonly #numbers = new Map<string, number>();
  #added: KeptFacts[] = [];
  #next = 0;

  /** @param lines that follow each other in one statement */
  pack(lines: readonly StatementLine[]): PackedLines {
    const mappings = new Map<RegistrationId, readonly number[]>();
    const packed = lines.map((line): PackedLine => {
      const { registration, mappingChanges } = line;
      const known = mappings.get(registration);
      if (known === undefined) mappings.set(registration, mappingChanges);
      // They follow from payer and stamp. What is kept must be every line as it was hashed.
      else assert(String(known) === String(mappingChanges), "lines of one stamp are paid by different mappings");
      return packedLine(this.#numberOf(line), line);
    });
    return { mappings: [...mappings], lines: packed };
  }

  #numberOf(line: StatementLine): number {
    const json = JSON.stringify(factsOfLine(line));
    const known = this.#numbers.get(json);
    if (known !== undefined) return known;
    if (this.#numbers.size === FACTS_REMEMBERED_MAX) this.#numbers.clear();
    const number = this.#next++;
    this.#numbers.set(json, number);
    this.#added.push({ number, json });
    return number;
  }

  /** Facts that came up since this was asked last: to be kept with the lines. */
  takeAdded(): readonly KeptFacts[] {
    const added = this.#added;
    this.#added = [];
    return added;
  }
}
