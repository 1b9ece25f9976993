import type { Language } from "../domain/faults/fault.ts";
import { hourStartMs } from "../domain/ids.ts";
import type { CorrectionLine } from "../domain/statement/correction.ts";
import type { CorrectionBody, IssuedDocument, StatementBody } from "../domain/statement/document.ts";
import type { StatementLine } from "../domain/statement/statement.ts";
import { Sums } from "../domain/statement/sums.ts";
import { formatInstant } from "../lib/instant.ts";
import { type Canvas, CountingCanvas, PAPER, PdfCanvas } from "./canvas.ts";
import { CORRECTION_TABLE, type LineTable, STATEMENT_TABLE } from "./columns.ts";
import { groupedDigits } from "./groupedDigits.ts";
import { COLOURS, Sheet } from "./sheet.ts";
import { linesOf, shownText } from "./text.ts";
import { type DocumentWords, WORDS } from "./words.ts";

type Body = StatementBody | CorrectionBody;

/**
 * A closed statement or a correction in PDF. The same document is always the same bytes: all that is in them is of the
 * document and of its closing. Its lines are read twice, once to count the pages, and a page is given out before the next
 * one is made.
 */
export async function* documentPdf(issued: IssuedDocument, language: Language): AsyncGenerator<Buffer> {
  const words = WORDS[language];
  const { document, closing } = issued;
  const counting = new CountingCanvas();
  for await (const _ of drawn(issued, { canvas: counting, words, pages: 0 }));
  const canvas = new PdfCanvas({
    title: titleOf(document, words),
    author: document.issuer,
    language,
    createdAtMs: closing.closedAtMs,
  });
  for await (const _ of drawn(issued, { canvas, words, pages: counting.pages })) yield* canvas.take();
  canvas.end();
  yield* canvas.take();
}

interface Drawing {
  readonly canvas: Canvas;
  readonly words: DocumentWords;
  /** Of the whole document. */
  readonly pages: number;
}

const titleOf = ({ kind, number }: Pick<Body, "kind" | "number">, words: DocumentWords): string =>
  `${words[kind]} ${number}`;

/** Draws the document; stops after every piece of its lines, so that what is drawn can be taken away. */
async function* drawn(issued: IssuedDocument, drawing: Drawing): AsyncGenerator<void> {
  const { canvas, words } = drawing;
  const sheet = new Sheet(canvas, (page, own) => furniture(issued, drawing, page, own));
  facts(issued, words, sheet);
  const sums: Told = { stamps: new Sums(), meters: new Sums(), unverified: false };
  if (issued.document.kind === "statement") {
    yield* lines(issued, { ...drawing, sheet, sums, table: STATEMENT_TABLE });
  } else {
    yield* lines(issued, { ...drawing, sheet, sums, table: CORRECTION_TABLE });
  }
  ending(issued.document, words, sheet, sums);
}

/** What every page has: whose it is, the hash of the content, and the number of the page. */
function furniture({ document }: IssuedDocument, { canvas, words, pages }: Drawing, page: number, sheet: Sheet): void {
  const { margin, width, height } = PAPER;
  const title = titleOf(document, words);
  const small = { size: 7, colour: COLOURS.quiet };
  if (page > 1) {
    canvas.text(title, margin, margin - 6, { size: 8, weight: "bold", colour: COLOURS.accent });
    canvas.text(`${document.payer}  ·  ${document.period}`, width - margin, margin - 6, { ...small, align: "right" });
  }
  const foot = height - margin - 8;
  canvas.box(margin, foot - 6, { width: width - 2 * margin, height: 0.5 }, COLOURS.rule);
  canvas.text(`${words.hash}: ${document.hash}`, margin, foot, small);
  canvas.text(words.page(page, pages), width - margin, foot, { ...small, align: "right" });
  sheet.moveTo(page === 1 ? margin : margin + 12);
}

function factsOf({ document, closing, lineCount, payerName }: IssuedDocument, words: DocumentWords) {
  const { facts: names } = words;
  const closedAt = formatInstant(closing.closedAtMs);
  const hours = words.hours(formatInstant(hourStartMs(closing.from)), formatInstant(hourStartMs(closing.to)));
  const common = [
    [names.issuer, document.issuer],
    [names.payer, payerName === undefined ? document.payer : `${payerName} (${document.payer})`],
    [names.level, words.levels[document.level]],
    [names.partner, document.partner],
    [names.period, `${document.period}: ${hours}`],
    [names.currency, document.currency],
    [names.known, formatInstant(closing.knownUntilMs)],
    [names.lines, groupedDigits(String(lineCount))],
  ] as const;
  if (document.kind === "statement") {
    return [
      ...common,
      [names.state, words.closedAt(closedAt)] as const,
      [names.priceSheet, document.priceSheet] as const,
    ];
  }
  return [
    ...common,
    [names.state, words.issuedAt(closedAt)] as const,
    [names.issuedIn, document.issuedIn] as const,
    [names.corrects, document.corrects ?? words.correctsNothing] as const,
    [names.reason, document.reason] as const,
  ];
}

const LABEL_WIDTH = 78;

/** The head of the first page: what it is, what it comes to, who pays whom for what. */
function facts(issued: IssuedDocument, words: DocumentWords, sheet: Sheet): void {
  const { document } = issued;
  const { canvas } = sheet;
  const { margin, width } = PAPER;
  const top = sheet.y;
  canvas.text(titleOf(document, words), margin, top, { size: 18, weight: "bold", colour: COLOURS.accent });
  const total = `${groupedDigits(document.total)} ${document.currency}`;
  canvas.text(totalLabel(document, words), width - margin, top - 2, { size: 8, colour: COLOURS.quiet, align: "right" });
  canvas.text(total, width - margin, top + 8, { size: 15, weight: "bold", align: "right", colour: COLOURS.ink });
  const rows = factsOf(issued, words);
  const half = (width - 2 * margin) / 2;
  const wide = half - LABEL_WIDTH - 12;
  const first = Math.ceil(rows.length / 2);
  let bottom = top;
  for (const [column, own] of [rows.slice(0, first), rows.slice(first)].entries()) {
    const x = margin + column * half;
    let y = top + 36;
    for (const [name, value] of own) {
      canvas.text(name, x, y, { size: 8, colour: COLOURS.quiet });
      for (const line of linesOf(shownText(value), "regular", 8, wide)) {
        canvas.text(line, x + LABEL_WIDTH, y, { size: 8, colour: COLOURS.ink });
        y += 12;
      }
      y += 1;
    }
    bottom = Math.max(bottom, y);
  }
  sheet.moveTo(bottom + 8);
}

const totalLabel = (document: Body, words: DocumentWords): string => {
  if (document.kind === "statement") return words.total;
  return document.total.startsWith("-") ? words.credit : words.debit;
};

/** What is known of the lines once all of them are drawn. */
interface Told {
  readonly stamps: Sums;
  readonly meters: Sums;
  /** A line has a price that nobody has verified. */
  unverified: boolean;
}

interface Listing<Line> extends Drawing {
  readonly sheet: Sheet;
  readonly table: LineTable<Line>;
  readonly sums: Told;
}

/** The lines, stamp by stamp, each with what it comes to. */
async function* lines<Line extends StatementLine | CorrectionLine>(
  { document, stampName, pieces }: IssuedDocument,
  { sheet, table, words, sums }: Listing<Line>,
): AsyncGenerator<void> {
  const columns = table.columns(words);
  sheet.table(columns);
  let stamp: number | undefined;
  let own = new Sums();
  const wide = (label: string, amount: string, at: number): readonly string[] =>
    columns.map((_, i) => (i === 1 ? label : i === at ? amount : ""));
  const at = columns.findIndex(({ title }) => [words.columns.amount, words.columns.difference].includes(title));
  const close = (): void => {
    const [sum] = own.all;
    if (sum === undefined) return;
    sheet.row(wide(words.subtotal(sum.label), groupedDigits(sum.amount), at), { weight: "bold", ruled: true });
    own = new Sums();
  };
  for await (const piece of pieces() as AsyncIterable<readonly Line[]>) {
    for (const line of piece) {
      const { registration, meter, meterName, priceVerified } = table.side(line);
      if (!priceVerified) sums.unverified = true;
      if (registration !== stamp) {
        close();
        // With its first line, and the line with its heading.
        sheet.need(48);
        sheet.row(wide(`${words.stamp} ${stampName(registration)}`, "", at), { weight: "bold", shaded: true });
        stamp = registration;
      }
      sheet.row(table.cells(line, words, document.currency));
      const amount = table.amount(line);
      for (const so of [own, sums.stamps]) so.add(String(registration), stampName(registration), amount);
      sums.meters.add(meter, meterName, amount);
    }
    yield;
    // Whoever else asks something of this process gets a turn.
    await new Promise((resolve) => void setImmediate(resolve));
  }
  close();
  sheet.endTable();
}

/** After the lines: what they come to by stamp and by meter, the total, and what the signs in the table mean. */
function ending(document: Body, words: DocumentWords, sheet: Sheet, { stamps, meters, unverified }: Told): void {
  const { columns: names } = words;
  for (const [heading, { all }] of [[words.byStamp, stamps] as const, [words.byMeter, meters] as const]) {
    sheet.gap(12);
    const amount = document.kind === "statement" ? names.amount : names.difference;
    sheet.table([
      { title: heading, width: 300 },
      { title: words.facts.lines, width: 60, align: "right" },
      { title: `${amount} (${document.currency})`, width: 120, align: "right" },
    ]);
    for (const { label, lines: count, amount: sum } of all) {
      sheet.row([label, groupedDigits(String(count)), groupedDigits(sum)]);
    }
    const total = groupedDigits(document.total);
    sheet.row([words.total, "", `${total} ${document.currency}`], { weight: "bold", ruled: true });
    sheet.endTable();
  }
  if (document.kind === "correction") causes(document, words, sheet);
  sheet.gap(10);
  for (const note of [...(unverified ? [words.unverified] : []), words.mappingNote, words.hashNote]) {
    sheet.paragraph(note, { size: 7, colour: COLOURS.quiet });
  }
}

function causes({ causes: all }: CorrectionBody, words: DocumentWords, sheet: Sheet): void {
  const { columns: names } = words;
  sheet.gap(12);
  sheet.table([
    { title: words.causesHeading, width: 190 },
    { title: names.recordedAt, width: 130 },
    { title: names.recordedBy, width: 180 },
    { title: words.facts.reason, width: 269.89 },
  ]);
  for (const { kind, id, recordedAtMs, recordedBy, reason, changes } of all) {
    const which = id === null ? (changes > 1 ? `, ${words.changes(changes)}` : "") : ` #${id}`;
    const at = recordedAtMs === null ? "" : formatInstant(recordedAtMs);
    sheet.row([`${words.causes[kind]}${which}`, at, recordedBy ?? "", reason ?? ""]);
  }
  sheet.endTable();
}
