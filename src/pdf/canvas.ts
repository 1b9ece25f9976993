import PDFDocument from "pdfkit";
import type { InstantMs } from "../lib/instant.ts";
import { dateOf } from "../lib/instant.ts";
import { shownText, typeFace, type Weight, WEIGHTS, widthOf } from "./text.ts";

/** A4 across, in points. */
export const PAPER = { width: 841.89, height: 595.28, margin: 36 };

export interface TextStyle {
  readonly size: number;
  readonly weight?: Weight;
  readonly colour?: string;
  /** Where `x` is; left unless given. */
  readonly align?: "left" | "right";
}

/** What pages are drawn on; y goes down, and of a text it is the top of its line. */
export interface Canvas {
  addPage(): void;
  text(text: string, x: number, y: number, style: TextStyle): void;
  box(x: number, y: number, size: { readonly width: number; readonly height: number }, colour: string): void;
}

/** Draws nothing: how many pages something takes is known before the first of them is made. */
export class CountingCanvas implements Canvas {
  pages = 0;
  addPage(): void {
    this.pages += 1;
  }
  text(): void {}
  box(): void {}
}

/** What pdfkit remembers of the words that it laid out; its types do not tell. */
interface Remembering {
  readonly _font: { layoutCache: object };
}

export interface PdfFacts {
  readonly title: string;
  readonly author: string;
  readonly language: string;
  /** The time in the file; nothing else of it depends on when it was made. */
  readonly createdAtMs: InstantMs;
}

/** Pages in PDF, a page at a time: what is done can be taken away before the next is begun. */
export class PdfCanvas implements Canvas {
  readonly #pdf: PDFKit.PDFDocument;

  constructor({ title, author, language, createdAtMs }: PdfFacts) {
    this.#pdf = new PDFDocument({
      size: [PAPER.width, PAPER.height],
      margin: 0,
      autoFirstPage: false,
      // No standard font is looked for before ours are there.
      font: null as unknown as string,
      lang: language,
      displayTitle: true,
      pdfVersion: "1.7",
      info: {
        Title: title,
        Author: author,
        Creator: "Stampbook",
        Producer: "Stampbook",
        CreationDate: dateOf(createdAtMs),
      },
    });
    for (const weight of WEIGHTS) this.#pdf.registerFont(weight, typeFace(weight).bytes);
  }

  addPage(): void {
    this.#pdf.addPage();
    // A long document has very many different numbers: what is remembered of one page is forgotten for the next.
    for (const weight of WEIGHTS) {
      const { ["_font"]: font } = this.#pdf.font(weight) as unknown as Remembering;
      font.layoutCache = {};
    }
  }

  text(text: string, x: number, y: number, { size, weight = "regular", colour = "#000000", align }: TextStyle): void {
    if (text === "") return;
    const shown = shownText(text);
    const at = align === "right" ? x - widthOf(shown, weight, size) : x;
    this.#pdf.font(weight).fontSize(size).fillColor(colour).text(shown, at, y, { lineBreak: false });
  }

  box(
    x: number,
    y: number,
    { width, height }: { readonly width: number; readonly height: number },
    colour: string,
  ): void {
    this.#pdf.rect(x, y, width, height).fill(colour);
  }

  /** What there is of the file, and was not taken before. */
  *take(): Generator<Buffer> {
    for (;;) {
      const chunk = this.#pdf.read() as Buffer | null;
      if (chunk === null) return;
      yield chunk;
    }
  }

  end(): void {
    this.#pdf.end();
  }
}
