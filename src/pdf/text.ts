import { readTypeFace, type TypeFace } from "./trueType.ts";

/** Weights of the one font that documents are set in; it has Latin and Simplified Chinese signs. */
export const WEIGHTS = ["regular", "bold"] as const;
export type Weight = (typeof WEIGHTS)[number];

const FILES: Readonly<Record<Weight, string>> = {
  regular: `${import.meta.dirname}/fonts/noto-sans-sc-400.woff`,
  bold: `${import.meta.dirname}/fonts/noto-sans-sc-700.woff`,
};

const read = new Map<Weight, TypeFace>();

/** Read when the first document is made: most processes make none. */
export function typeFace(weight: Weight): TypeFace {
  const face = read.get(weight) ?? readTypeFace(FILES[weight]);
  read.set(weight, face);
  return face;
}

/** The same text with signs that the font has; another sign is told by its number, so that nothing goes unseen. */
export const shownText = (text: string): string =>
  Array.from(text.normalize("NFC"))
    .map((sign) => {
      const code = sign.codePointAt(0)!;
      if (code < 0x20 || code === 0x7f) return " ";
      const known = WEIGHTS.every((weight) => typeFace(weight).advanceOf(code) !== undefined);
      return known ? sign : `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    })
    .join("");

/** In points. */
export function widthOf(text: string, weight: Weight, size: number): number {
  const { advanceOf } = typeFace(weight);
  let thousandths = 0;
  for (const sign of text) thousandths += advanceOf(sign.codePointAt(0)!) ?? 0;
  return (thousandths * size) / 1_000;
}

// A line may end after a space or one of these, and on both sides of a Chinese sign.
const BREAKS = /(?<=[\s\-/.,;:@_])|(?=[\u2e80-\u9fff\uff00-\uffef])|(?<=[\u2e80-\u9fff\uff00-\uffef])/u;
/** Signs that do not begin a line. */
const STUCK = /^[，。、；：！？）」』】,.;:!?)\]]/u;

function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (const part of text.split(BREAKS)) {
    if (parts.length > 0 && STUCK.test(part)) parts.push(`${parts.pop()}${part}`);
    else parts.push(part);
  }
  return parts;
}

/** Breaks a text into lines of at most that width; a word that is wider is broken anywhere. */
export function linesOf(text: string, weight: Weight, size: number, width: number): readonly string[] {
  if (widthOf(text, weight, size) <= width) return [text];
  const lines: string[] = [];
  let line = "";
  const fits = (wanted: string): boolean => widthOf(wanted.trimEnd(), weight, size) <= width;
  for (const part of partsOf(text)) {
    if (fits(line + part)) {
      line += part;
      continue;
    }
    if (line !== "") lines.push(line.trimEnd());
    line = "";
    for (const sign of part) {
      if (line !== "" && !fits(line + sign)) {
        lines.push(line);
        line = "";
      }
      line += sign;
    }
  }
  return [...lines, line.trimEnd()];
}
