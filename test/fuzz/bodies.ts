import { guid } from "../../src/lib/prng.ts";
import type { UsageFormat } from "../../src/operations/usage/items.ts";
import { mutateTree, object, raw, type Span, text, type Tree, written } from "./jsonTree.ts";
import type { Random } from "./random.ts";

export const FORMATS: readonly UsageFormat[] = ["page", "events", "event", "ndjson"];
/** When all of it is said to happen. */
export const NOW_MS = Date.UTC(2024, 2, 5, 12);
const HOUR_MS = 3_600_000;

export interface Body {
  readonly format: UsageFormat;
  readonly bytes: Buffer;
  /** Where the items stand in `bytes`, before anything was done to them; a line with its end. */
  readonly spans: readonly Span[];
  /** Quantities that were written, in plain notation; only of bodies in which nothing was changed. */
  readonly quantities: readonly string[] | undefined;
}

/** A quantity as somebody may write it, and what it is. */
function quantity(random: Random): { readonly written: string; readonly plain: string } {
  const digits = (count: number): string => Array.from({ length: count }, () => random.below(10)).join("");
  const whole = random.oneIn(3) ? "0" : `${1 + random.below(9)}${digits(random.below(14))}`;
  const fraction = random.oneIn(3) ? "" : digits(1 + random.below(18));
  const shift = random.oneIn(3) ? random.below(8) : 0;
  // 12.5 with shift 3 is 12.5E-03, which is 0.0125.
  const all = whole.padStart(whole.length + shift, "0");
  const point = all.length - shift;
  const shown = `${all.slice(0, point)}.${all.slice(point)}${fraction}`;
  const plain = shown
    .replace(/^0+(?=\d)/, "")
    .replace(/0+$/, "")
    .replace(/\.$/, "");
  const exponent = shift === 0 ? "" : `${random.pick(["E", "e"])}-${random.pick(["", "0"])}${shift}`;
  return { written: `${whole}${fraction === "" ? "" : `.${fraction}`}${exponent}`, plain };
}

interface Facts {
  readonly tree: Tree;
  readonly quantity: string;
}

const hourText = (ms: number, random: Random): string =>
  new Date(ms).toISOString().slice(0, 19) + random.pick(["Z", "+00:00", ".0000000+00:00"]);

function hubRecord(random: Random): Facts {
  const start = NOW_MS - HOUR_MS * (2 + random.below(5_000));
  const { written, plain } = quantity(random);
  const resources = {
    resourceUri: `/subscriptions/x/${random.pick(["vm", "ü", "a\\b", 'q"q', "}]"])}${random.below(50)}`,
    location: random.pick(["north", "", null]),
    tags: random.pick(["null", "", null, '{"a":"b"}', { a: "quantity" }]),
    additionalInfo: random.pick(["", '{"quantity":7}', null]),
  };
  const properties = object({
    subscriptionId: text(guid(1, random.below(5))),
    usageStartTime: text(hourText(start, random)),
    usageEndTime: text(hourText(start + HOUR_MS, random)),
    instanceData: text(JSON.stringify({ "Microsoft.Resources": resources })),
    quantity: raw(written),
    meterId: text(guid(2, random.below(9))),
  });
  const tree = object({
    id: text("x"),
    properties,
    reportedStartTime: text("2024-03-01T00:00:00Z"),
    reportedEndTime: text("2024-03-01T01:00:00Z"),
  });
  return { tree, quantity: plain };
}

function cloudEvent(random: Random): Facts {
  const start = NOW_MS - HOUR_MS * (2 + random.below(5_000));
  const { written, plain } = quantity(random);
  const data = object({
    subscriptionId: text(guid(1, random.below(5))),
    meterId: text(guid(2, random.below(9))),
    resourceUri: text(`/gpu/${random.below(50)}`),
    usageStartTime: text(hourText(start, random)),
    usageEndTime: text(hourText(start + HOUR_MS, random)),
    quantity: raw(random.oneIn(2) ? written : `"${written}"`),
    tags: random.oneIn(2) ? object({ team: text("a") }) : raw("null"),
  });
  const tree = object({
    specversion: text("1.0"),
    id: text(`e${random.below(1_000)}`),
    source: text("/meters/gpu?x=1"),
    type: text("stampbook.usage.v1"),
    ...(random.oneIn(2) ? { time: text(new Date(start + HOUR_MS).toISOString()) } : {}),
    data,
  });
  return { tree, quantity: plain };
}

function recordsOf(format: UsageFormat, random: Random): Facts[] {
  const count = format === "event" ? 1 : random.below(6);
  return Array.from({ length: count }, () => {
    const isEvent = format === "events" || format === "event" || (format === "ndjson" && random.oneIn(2));
    return isEvent ? cloudEvent(random) : hubRecord(random);
  });
}

/** A body of good records, with so many changes to its structure. */
export function bodyOf(format: UsageFormat, random: Random, changes: number): Body {
  const records = recordsOf(format, random);
  const marked = new Set(records.map(({ tree }) => tree));
  const list: Tree = { list: records.map(({ tree }) => tree) };
  const around: Tree = object({
    ...(random.oneIn(2) ? { nextLink: text('https://x/?a="]}') } : {}),
    ...(random.oneIn(4) ? { other: object({ value: { list: [raw("1")] } }) } : {}),
    value: list,
    ...(random.oneIn(4) ? { after: { list: [raw("true"), object({})] } } : {}),
  });
  const document = format === "page" ? around : format === "event" ? records[0]!.tree : list;
  for (let i = 0; i < changes; i += 1)
    mutateTree(format === "ndjson" && records.length > 0 ? random.pick(records).tree : document, random);
  const mark = random.oneIn(8) ? "\uFEFF" : "";
  let out = mark;
  let spans: Span[] = [];
  if (format === "ndjson") {
    for (const { tree } of records) {
      if (random.oneIn(8)) out += "\n";
      const line = written(tree, { random, lines: true }).text;
      const from = out.length;
      out += line + random.pick(["\n", "\n", "\r\n"]);
      spans.push({ from, to: out.length });
    }
    if (random.oneIn(3)) out = out.replace(/\r?\n$/, "");
    // Of a line that nothing ends nobody can say that it ends there.
    spans = spans.filter(({ to }) => to <= out.length);
  } else {
    const whole = written(document, { random, marked });
    out += whole.text;
    spans = whole.spans.map(({ from, to }) => ({ from: from + mark.length, to: to + mark.length }));
  }
  const byteAt = (chars: number): number => Buffer.byteLength(out.slice(0, chars));
  return {
    format,
    bytes: Buffer.from(out),
    spans: spans.map(({ from, to }) => ({ from: byteAt(from), to: byteAt(to) })),
    quantities: changes === 0 ? records.map(({ quantity }) => quantity) : undefined,
  };
}
