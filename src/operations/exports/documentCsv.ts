import type { CorrectionLine } from "../../domain/statement/correction.ts";
import type { CorrectionBody, IssuedDocument, StatementBody } from "../../domain/statement/document.ts";
import { formatMeter } from "../../domain/ids.ts";
import type { StatementLine } from "../../domain/statement/statement.ts";
import { csvLine } from "../../lib/csvLine.ts";

type StampName = IssuedDocument["stampName"];

/** Of a cell: its text, and whether it is a number that may begin with a minus. */
interface CsvColumn<Line> {
  readonly name: string;
  readonly isNumber?: boolean;
  readonly of: (line: Line, stampName: StampName) => string | number | null;
}

const number = <Line>(name: string, of: CsvColumn<Line>["of"]): CsvColumn<Line> => ({ name, of, isNumber: true });
const text = <Line>(name: string, of: CsvColumn<Line>["of"]): CsvColumn<Line> => ({ name, of });

/** What a line is for; the same of statements and corrections. */
const what = <Line>(side: (line: Line) => StatementLine): readonly CsvColumn<Line>[] => [
  text("stamp", (line, stampName) => stampName(side(line).registration)),
  number("registration", (line) => side(line).registration),
  text("kind", (line) => side(line).kind),
  text("meter", (line) => formatMeter(side(line).meter)),
  text("meterName", (line) => side(line).meterName),
  text("unit", (line) => side(line).unit),
];

const mappingsOf = ({ mappingChanges }: StatementLine): string => mappingChanges.join(" ");

const STATEMENT: readonly CsvColumn<StatementLine>[] = [
  number("line", ({ line }) => line),
  ...what<StatementLine>((line) => line),
  number("quantity", ({ quantity }) => quantity),
  number("pricedQuantity", ({ pricedQuantity }) => pricedQuantity),
  number("listPrice", ({ listPrice }) => listPrice),
  number("unitPrice", ({ unitPrice }) => unitPrice),
  number("effectiveUnitPrice", ({ effectiveUnitPrice }) => effectiveUnitPrice),
  text("priceUnit", ({ priceUnit }) => priceUnit),
  number("hoursPerMonth", ({ hoursPerMonth }) => hoursPerMonth),
  number("tier", ({ tier }) => tier),
  number("tierFrom", ({ tierFrom }) => tierFrom),
  number("tierTo", ({ tierTo }) => tierTo),
  text("pricingCurrency", ({ pricingCurrency }) => pricingCurrency),
  number("pricedAmount", ({ pricedAmount }) => pricedAmount),
  number("fxRate", ({ fxRate }) => fxRate),
  number("amount", ({ amount }) => amount),
  text("priceSheet", ({ priceSheet }) => priceSheet),
  number("priceVersion", ({ priceVersion }) => priceVersion),
  text("priceVerified", ({ priceVerified }) => String(priceVerified)),
  text("mappingChanges", mappingsOf),
  number("records", ({ records }) => records),
];

const side = (line: CorrectionLine): StatementLine => (line.new ?? line.old)!;

const oldAndNew = (
  name: string,
  of: (line: StatementLine) => string | number,
  column: typeof number<CorrectionLine>,
): readonly CsvColumn<CorrectionLine>[] => [
  column(`old${name}`, (line) => line.old && of(line.old)),
  column(`new${name}`, (line) => line.new && of(line.new)),
];

const CORRECTION: readonly CsvColumn<CorrectionLine>[] = [
  number("line", ({ line }) => line),
  ...what<CorrectionLine>(side),
  ...oldAndNew("Quantity", ({ quantity }) => quantity, number),
  number("quantityDifference", ({ quantityDifference }) => quantityDifference),
  ...oldAndNew("UnitPrice", ({ effectiveUnitPrice }) => effectiveUnitPrice, number),
  ...oldAndNew("Amount", ({ amount }) => amount, number),
  number("amountDifference", ({ amountDifference }) => amountDifference),
  number("tier", (line) => side(line).tier),
  ...oldAndNew("PriceSheet", ({ priceSheet }) => priceSheet, text),
  ...oldAndNew("PriceVersion", ({ priceVersion }) => priceVersion, number),
  ...oldAndNew("MappingChanges", mappingsOf, text),
  text("causes", ({ causes }) => causes.join(" ")),
];

const DOCUMENT = ["document", "documentKind", "corrects", "level", "payer", "issuer", "period", "issuedIn", "currency"];

function documentCells(document: StatementBody | CorrectionBody): readonly string[] {
  const { number: named, kind, level, payer, issuer, period, currency } = document;
  const { corrects, issuedIn } = kind === "correction" ? document : { corrects: null, issuedIn: period };
  return [named, kind, corrects ?? "", level, payer, issuer, period, issuedIn, currency];
}

/** A document in CSV, a row for each line, each with what it is a line of. Amounts are as the document has them. */
export async function* documentCsv(issued: IssuedDocument): AsyncGenerator<Buffer> {
  const columns = (issued.document.kind === "statement" ? STATEMENT : CORRECTION) as readonly CsvColumn<
    StatementLine | CorrectionLine
  >[];
  const head = documentCells(issued.document);
  const isNumber = (column: number): boolean => columns[column - head.length]?.isNumber === true;
  yield Buffer.from(csvLine([...DOCUMENT, ...columns.map(({ name }) => name)]));
  for await (const piece of issued.pieces()) {
    const rows = piece.map((line) => {
      const cells = columns.map(({ of }) => String(of(line, issued.stampName) ?? ""));
      return csvLine([...head, ...cells], isNumber);
    });
    yield Buffer.from(rows.join(""));
  }
}
