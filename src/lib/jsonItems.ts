import { isUtf8 } from "node:buffer";

/**
 * Cuts a stream of bytes into the JSON texts of its items without holding the whole stream: the elements of the
 * `value` array of a page, or the lines of NDJSON. Only structure is looked at here; each item is parsed later on its
 * own, so a broken item costs nothing but itself, and the text of its numbers is still there to read.
 */
export type Item = { readonly position: number; readonly text: string } | BrokenItem;

export interface BrokenItem {
  /** Counts from 1: the element of a page, the line of NDJSON. */
  readonly position: number;
  readonly broken: "too-large" | "too-deep" | "not-utf8" | "truncated";
}

/** What is wrong with the stream as a whole. Items before it are good. */
export type StreamFault = "empty" | "html" | "not-utf8" | "not-a-page" | "no-value" | "truncated";

export interface ItemLimits {
  readonly itemBytesMax: number;
  readonly itemDepthMax: number;
}

export interface ItemReader {
  /** The items that this chunk completes. */
  push(chunk: Buffer): Item[];
  /** The last items, and what was wrong with the stream. */
  end(): { readonly items: Item[]; readonly fault?: StreamFault };
  /** Set as soon as the stream cannot be read any further; what follows is ignored. */
  readonly stopped: boolean;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LESS = 0x3c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Texts shorter than this cannot nest deeply enough to hurt, so they are not scanned a second time. */
const DEPTH_SCAN_BYTES_MIN = 4_096;

/** How deep brackets nest in a JSON text, up to `depthMax + 1`. */
function depthOf(text: string, depthMax: number): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length && deepest <= depthMax; i += 1) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) deepest = Math.max(deepest, ++depth);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return deepest;
}

/** Collects the bytes of one item over chunk borders, and gives up collecting past the limit. */
class ItemBytes {
  #parts: Buffer[] = [];
  #length = 0;

  readonly limits: ItemLimits;

  constructor(limits: ItemLimits) {
    this.limits = limits;
  }

  add(part: Buffer): void {
    this.#length += part.length;
    if (this.#length <= this.limits.itemBytesMax) this.#parts.push(part);
    else this.#parts = [];
  }

  get length(): number {
    return this.#length;
  }

  take(position: number): Item {
    const length = this.#length;
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    if (length > this.limits.itemBytesMax) return { position, broken: "too-large" };
    if (!isUtf8(bytes)) return { position, broken: "not-utf8" };
    const text = bytes.toString("utf8");
    const deep = length >= DEPTH_SCAN_BYTES_MIN && depthOf(text, this.limits.itemDepthMax) > this.limits.itemDepthMax;
    return deep ? { position, broken: "too-deep" } : { position, text };
  }
}

/** Tells an HTML page or a UTF-16 text from its first bytes, and steps over a UTF-8 byte order mark. */
class Opening {
  #seen = false;
  #bytes = 0;

  /** The chunk from its first telling byte on, or the fault; empty while only white space has come. */
  strip(chunk: Buffer): Buffer | StreamFault {
    if (this.#seen) return chunk;
    let from = 0;
    if (this.#bytes === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) from = 3;
    while (from < chunk.length && isSpace(chunk[from]!)) from += 1;
    this.#bytes += chunk.length;
    const first = chunk[from];
    if (first === undefined) return chunk.subarray(from);
    this.#seen = true;
    if (first === LESS) return "html";
    if (first === 0 || first >= 0xfe || chunk[from + 1] === 0) return "not-utf8";
    return chunk.subarray(from);
  }

  get empty(): boolean {
    return !this.#seen;
  }
}

/** Lines of NDJSON; empty lines are passed over but counted, so that a position is a line number. */
export class LineReader implements ItemReader {
  readonly #opening = new Opening();
  readonly #item: ItemBytes;
  #line = 1;
  #fault: StreamFault | undefined;

  constructor(limits: ItemLimits) {
    this.#item = new ItemBytes(limits);
  }

  get stopped(): boolean {
    return this.#fault !== undefined;
  }

  push(chunk: Buffer): Item[] {
    if (this.stopped) return [];
    const opened = this.#opening.strip(chunk);
    if (typeof opened === "string") {
      this.#fault = opened;
      return [];
    }
    const items: Item[] = [];
    let from = 0;
    for (let at = opened.indexOf(NEWLINE); at !== -1; at = opened.indexOf(NEWLINE, from)) {
      this.#item.add(opened.subarray(from, at));
      this.#finishLine(items);
      from = at + 1;
    }
    // Copied, because the chunk it is a view of may be large and would stay in memory with it.
    if (from < opened.length) this.#item.add(Buffer.from(opened.subarray(from)));
    return items;
  }

  #finishLine(items: Item[]): void {
    const position = this.#line++;
    if (this.#item.length === 0) return;
    const item = this.#item.take(position);
    if (!("text" in item) || item.text.trim() !== "") items.push(item);
  }

  end(): { items: Item[]; fault?: StreamFault } {
    if (this.#fault !== undefined) return { items: [], fault: this.#fault };
    if (this.#opening.empty) return { items: [], fault: "empty" };
    const items: Item[] = [];
    this.#finishLine(items);
    return { items };
  }
}

/** Elements of the `value` array of one JSON object; other members are stepped over. */
export class PageReader implements ItemReader {
  readonly #limits: ItemLimits;
  readonly #opening = new Opening();
  readonly #item: ItemBytes;
  #fault: StreamFault | undefined;
  #position = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The last string at the top level: a member's name when a colon follows. */
  #name = "";
  #member = "";
  #sawValue = false;
  #inValue = false;
  #inItem = false;
  #itemTooDeep = false;
  #closed = false;

  constructor(limits: ItemLimits) {
    this.#limits = limits;
    this.#item = new ItemBytes(limits);
  }

  get stopped(): boolean {
    return this.#fault !== undefined;
  }

  push(chunk: Buffer): Item[] {
    if (this.stopped) return [];
    const opened = this.#opening.strip(chunk);
    if (
      typeof opened === "string" ||
      (this.#depth === 0 && !this.#closed && opened.length > 0 && opened[0] !== OPEN_BRACE)
    ) {
      this.#fault = typeof opened === "string" ? opened : "not-a-page";
      return [];
    }
    const items: Item[] = [];
    let itemFrom = 0;
    for (let at = 0; at < opened.length; at += 1) {
      const byte = opened[at]!;
      if (this.#closed) {
        if (isSpace(byte)) continue;
        this.#fault = "not-a-page";
        break;
      }
      if (this.#inString) this.#stringByte(byte);
      else if (this.#inItem) {
        const ends = this.#itemByte(byte);
        if (ends !== undefined) {
          this.#item.add(opened.subarray(itemFrom, ends === "after" ? at + 1 : at));
          this.#finishItem(items);
          if (ends === "before") this.#outerByte(byte);
        }
      } else if (this.#inValue && this.#depth === 2 && !isSpace(byte) && byte !== COMMA && byte !== CLOSE_BRACKET) {
        itemFrom = at;
        this.#startItem(byte);
      } else this.#outerByte(byte);
    }
    if (this.#inItem) this.#item.add(Buffer.from(opened.subarray(itemFrom)));
    return items;
  }

  #stringByte(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    else if (!this.#inItem && this.#depth === 1 && this.#name.length < 32) this.#name += String.fromCharCode(byte);
  }

  #startItem(byte: number): void {
    this.#inItem = true;
    this.#itemTooDeep = false;
    this.#position += 1;
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
  }

  /** Whether this byte ends the item: it is its last byte ("after"), or already belongs to the array ("before"). */
  #itemByte(byte: number): "before" | "after" | undefined {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth += 1;
      if (this.#depth - 2 > this.#limits.itemDepthMax) this.#itemTooDeep = true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (this.#depth === 2) return "before";
      this.#depth -= 1;
      if (this.#depth === 2) return "after";
    } else if (byte === COMMA && this.#depth === 2) return "before";
    return undefined;
  }

  #finishItem(items: Item[]): void {
    this.#inItem = false;
    const item = this.#item.take(this.#position);
    items.push(this.#itemTooDeep ? { position: this.#position, broken: "too-deep" } : item);
  }

  #outerByte(byte: number): void {
    if (byte === QUOTE) {
      this.#inString = true;
      if (this.#depth === 1) this.#name = "";
    } else if (byte === COLON && this.#depth === 1) this.#member = this.#name;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth += 1;
      this.#inValue = this.#inValue || (this.#depth === 2 && byte === OPEN_BRACKET && this.#member === "value");
      this.#sawValue = this.#sawValue || this.#inValue;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      this.#depth -= 1;
      if (this.#depth === 1) this.#inValue = false;
      if (this.#depth <= 0) this.#closed = true;
    }
  }

  end(): { items: Item[]; fault?: StreamFault } {
    if (this.#fault !== undefined) return { items: [], fault: this.#fault };
    if (this.#opening.empty) return { items: [], fault: "empty" };
    const items: Item[] = this.#inItem ? [{ position: this.#position, broken: "truncated" }] : [];
    if (!this.#closed) return { items, fault: "truncated" };
    return this.#sawValue ? { items } : { items, fault: "no-value" };
  }
}
