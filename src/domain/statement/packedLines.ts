import type { RegistrationId } from "../ids.ts";
import type { LineFacts, OwnFacts } from "./lineFacts.ts";

/** Facts that many lines share, as they are kept: JSON, by a number. */
export interface KeptFacts {
  readonly number: number;
  readonly json: string;
}

/** A line as it is kept: its facts by their number; null where a text is the one before it. */
export type PackedLine = readonly [
  facts: number,
  registration: RegistrationId,
  quantity: string,
  pricedQuantity: string | null,
  pricedAmount: string,
  amount: string | null,
  records: number,
];

/** Lines that follow each other in a draft or a document, as they are kept. */
export interface PackedLines {
  /** By which mappings the payer pays for each stamp. */
  readonly mappings: readonly (readonly [RegistrationId, readonly number[]])[];
  readonly lines: readonly PackedLine[];
}

/** A line whose facts are one object on all lines that share them. */
export interface SharedLine {
  readonly facts: LineFacts;
  readonly own: OwnFacts;
}

/** @param facts their number */
export const packedLine = (
  facts: number,
  { registration, quantity, pricedQuantity, pricedAmount, amount, records }: Omit<OwnFacts, "line" | "mappingChanges">,
): PackedLine => [
  facts,
  registration,
  quantity,
  pricedQuantity === quantity ? null : pricedQuantity,
  pricedAmount,
  amount === pricedAmount ? null : amount,
  records,
];

const quoted = (text: string | null): string => (text === null ? "null" : `"${text}"`);

/** A packed line after its facts as JSON tells it, between brackets: a third of the time, as numbers need no escapes. */
export const ownText = ([
  ,
  registration,
  quantity,
  pricedQuantity,
  pricedAmount,
  amount,
  records,
]: PackedLine): string =>
  `${registration},"${quantity}",${quoted(pricedQuantity)},"${pricedAmount}",${quoted(amount)},${records}`;

const NONE: ReadonlyMap<number, LineFacts> = new Map();

/** The numbers of the facts that packed lines name, but for those that are known. */
export function factNumbersOf({ lines }: PackedLines, known = NONE): readonly number[] {
  const numbers = new Set<number>();
  for (const [facts] of lines) if (!known.has(facts)) numbers.add(facts);
  return [...numbers];
}

/**
 * @param factsOf facts by their number
 * @param first the number of the first of these lines
 */
export function sharedLines(
  { mappings, lines }: PackedLines,
  factsOf: (number: number) => LineFacts,
  first = 1,
): SharedLine[] {
  const mappingsOf = new Map(mappings);
  return lines.map(([number, registration, quantity, pricedQuantity, pricedAmount, amount, records], i) => ({
    facts: factsOf(number),
    own: {
      line: first + i,
      registration,
      quantity,
      pricedQuantity: pricedQuantity ?? quantity,
      pricedAmount,
      amount: amount ?? pricedAmount,
      records,
      mappingChanges: mappingsOf.get(registration) ?? [],
    },
  }));
}
