import { isUtf8 } from "node:buffer";
import type { ItemLimits } from "../../src/lib/jsonItems.ts";
import type { UsageFormat } from "../../src/operations/usage/items.ts";

/** What a body holds, read in the slow and obvious way. */
export type Told =
  /** It is good as a whole, and these are the values of its items. */
  | { readonly values: readonly { readonly position: number; readonly value: unknown }[] }
  /** It is not, and a reader has to say so. */
  | { readonly wrong: true }
  /** It is JSON, and goes past a limit or says a thing twice, so a reader may refuse it. */
  | { readonly unsure: true };

const WRONG: Told = { wrong: true };

const asText = (bytes: Buffer): string | undefined =>
  isUtf8(bytes) ? bytes.toString("utf8").replace(/^\uFEFF/, "") : undefined;

function parsed(text: string | undefined): { readonly value: unknown } | undefined {
  try {
    return text === undefined ? undefined : { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** How deep brackets nest in a text: also those of a member that another one of the same name hides from JSON.parse. */
export function textDepth(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const bracket of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").match(/[[\]{}]/g) ?? []) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Whether a member is called so more than once, in whatever spelling, at any depth. */
const namesTwice = (text: string): boolean =>
  (text
    .replaceAll(/\\u00([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .match(/"value"/g)?.length ?? 0) > 1;

/** Reads a whole body with JSON.parse. */
export function tell(bytes: Buffer, format: UsageFormat, limits: ItemLimits): Told {
  if (format === "ndjson") return tellLines(bytes);
  const text = asText(bytes);
  const document = parsed(text);
  if (text === undefined || document === undefined) return WRONG;
  const { value } = document;
  if (format === "event") return { values: [{ position: 1, value }] };
  const items = format === "page" ? (value as { value?: unknown } | null)?.value : value;
  if (format === "page" && Array.isArray(value)) return WRONG;
  if (!Array.isArray(items)) return WRONG;
  // What is around the items has limits too.
  const mayRefuse =
    format === "page" &&
    (namesTwice(text) || text.length > limits.itemBytesMax || textDepth(text) > limits.itemDepthMax);
  return mayRefuse ? { unsure: true } : { values: items.map((item: unknown, i) => ({ position: i + 1, value: item })) };
}

function tellLines(bytes: Buffer): Told {
  const values: { position: number; value: unknown }[] = [];
  let from = bytes.subarray(0, 3).equals(Buffer.from("\uFEFF")) ? 3 : 0;
  for (let position = 1; from <= bytes.length; position += 1) {
    const end = bytes.indexOf("\n", from);
    const line = bytes.subarray(from, end === -1 ? bytes.length : end);
    from = end === -1 ? bytes.length + 1 : end + 1;
    if (line.toString("latin1").trim() === "") continue;
    const value = parsed(isUtf8(line) ? line.toString("utf8") : undefined);
    if (value === undefined) return WRONG;
    values.push({ position, ...value });
  }
  return values.length === 0 ? WRONG : { values };
}
