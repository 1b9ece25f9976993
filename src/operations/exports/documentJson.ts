import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { formatMeter } from "../../domain/ids.ts";
import type { CorrectionLine } from "../../domain/statement/correction.ts";
import type { IssuedDocument } from "../../domain/statement/document.ts";
import { hashedContent, type StatementLine } from "../../domain/statement/statement.ts";
import { Sums } from "../../domain/statement/sums.ts";
import { canonicalJson } from "../../lib/canonicalJson.ts";

/** What stands where the lines go. */
const LINES = "lines";

/**
 * A document as JSON, line by line: `hash`, and `content` as the canonical JSON that the hash is the SHA-256 of. Whoever
 * has the file can check it without us. Names and subtotals stand beside it. What is not as it was closed is not given out.
 */
export async function* documentJson({
  document,
  pieces,
  stampName,
  payerName,
}: IssuedDocument): AsyncGenerator<Buffer> {
  const { closing: _, sequence: __, hash, ...content } = document;
  const frame = canonicalJson(hashedContent({ ...content, [LINES]: [] }));
  const mark = `"${LINES}":[`;
  // Members are sorted: a text that holds the same would be quoted, and its quotes escaped.
  const at = frame.indexOf(`${mark}]`) + mark.length;
  const digest = createHash("sha256");
  const hashed = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    digest.update(bytes);
    return bytes;
  };
  yield Buffer.from(`{"hash":"${hash}","payerName":${JSON.stringify(payerName ?? null)},"content":`);
  yield hashed(frame.slice(0, at));
  let isFirst = true;
  const sums = { stamps: new Sums(), meters: new Sums() };
  for await (const piece of pieces()) {
    for (const line of piece) addTo(sums, line, stampName);
    yield hashed(`${isFirst ? "" : ","}${piece.map(canonicalJson).join(",")}`);
    isFirst = false;
  }
  yield hashed(frame.slice(at));
  assert.equal(digest.digest("hex"), hash, `what is kept of ${document.number} is not what was closed`);
  const subtotals = {
    byStamp: sums.stamps.all.map(({ key, label, ...sum }) => ({ registration: key, stamp: label, ...sum })),
    byMeter: sums.meters.all.map(({ key, label, ...sum }) => ({ meter: key, meterName: label, ...sum })),
  };
  yield Buffer.from(`,"subtotals":${JSON.stringify(subtotals)}}\n`);
}

function addTo(
  { stamps, meters }: { readonly stamps: Sums; readonly meters: Sums },
  line: StatementLine | CorrectionLine,
  stampName: IssuedDocument["stampName"],
): void {
  const { registration, meter, meterName } = "key" in line ? (line.new ?? line.old)! : line;
  const amount = "key" in line ? line.amountDifference : line.amount;
  stamps.add(String(registration), stampName(registration), amount);
  meters.add(formatMeter(meter), meterName, amount);
}
