import { isUtf8 } from "node:buffer";

/**
 * Cuts a stream of bytes into the JSON texts of its items without holding the whole stream: the lines of NDJSON here, the
 * elements of an array in jsonElements.ts. Only structure is looked at; each item is parsed later on its own, so a broken
 * item costs nothing but itself, and the text of its numbers is still there to read.
 */
export type Item = { readonly position: number; readonly text: string } | BrokenItem;

export interface BrokenItem {
  /** Counts from 1: the element of an array, the line of NDJSON. */
  readonly position: number;
  readonly broken: "too-large" | "too-deep" | "not-utf8" | "truncated";
}

/** What is wrong with the stream as a whole. Items before it are good. */
export type StreamFault =
  | "empty"
  | "html"
  | "not-utf8"
  | "not-a-page"
  | "not-an-array"
  | "no-value"
  | "malformed"
  | "truncated";

/** Where a stream stops being JSON. */
export interface Damage {
  /** Counts from 0, a byte order mark included. */
  readonly atByte: number;
  /** What stands there and does not belong there. */
  readonly found: string;
  /** Position of the last item that began before it; 0 when there is none. */
  readonly afterItem: number;
}

export interface StreamEnd {
  readonly items: Item[];
  readonly fault?: StreamFault;
  /** Of a malformed stream. */
  readonly damage?: Damage;
}

export interface ItemLimits {
  readonly itemBytesMax: number;
  readonly itemDepthMax: number;
}

export interface ItemReader {
  /** The items that this chunk completes. */
  push(chunk: Buffer): Item[];
  /** The last items, and what was wrong with the stream. */
  end(): StreamEnd;
  /** Set as soon as the stream cannot be read any further; what follows is ignored. */
  readonly stopped: boolean;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const LESS = 0x3c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
export const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Of the characters that JSON calls space; a mark or a wide space is no empty line. */
const NOT_SPACE = /[^ \t\r\n]/;

/** How deep brackets nest in a text, up to `depthMax + 1`, and whether it ends inside of a bracket or a string. */
function shapeOf(text: string, depthMax: number): { readonly deepest: number; readonly isOpen: boolean } {
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
  return { deepest, isOpen: inString || depth > 0 };
}

/**
 * Whether a text opens more than so many brackets, those in its strings included. Looking for them is much quicker than
 * looking at every character, and real records open a handful.
 */
function opensMoreThan(text: string, bracketsMax: number): boolean {
  let brackets = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      brackets += 1;
      if (brackets > bracketsMax) return true;
    }
  }
  return false;
}

const isTooDeep = (text: string, depthMax: number): boolean =>
  opensMoreThan(text, depthMax) && shapeOf(text, depthMax).deepest > depthMax;

/** A character of UTF-8 has up to four bytes, so this many may be there of one that was cut off. */
const CUT_CHARACTER_BYTES_MAX = 3;

/** Collects the bytes of one item over chunk borders, and gives up collecting past the limit. */
export class ItemBytes {
  #parts: Buffer[] = [];
  #length = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(part: Buffer): void {
    this.#length += part.length;
    if (this.#length <= this.#bytesMax) this.#parts.push(part);
    else this.#parts = [];
  }

  get length(): number {
    return this.#length;
  }

  /** The text, or why there is none; and begins anew. */
  take(): string | { readonly broken: "too-large" | "not-utf8"; readonly bytes: Buffer } {
    const tooLarge = this.#length > this.#bytesMax;
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.drop();
    if (tooLarge) return { broken: "too-large", bytes };
    return isUtf8(bytes) ? bytes.toString("utf8") : { broken: "not-utf8", bytes };
  }

  drop(): void {
    this.#parts = [];
    this.#length = 0;
  }
}

/**
 * Looks at the first bytes: steps over a UTF-8 byte order mark, tells an HTML page and a UTF-16 text. It holds back as
 * many bytes as it needs to decide, so that it does not matter where chunks end.
 */
export class Opening {
  #held = Buffer.alloc(0);
  #decided = false;
  #sawMark = false;
  #begun = false;

  /** What may be read now: empty while nothing is decided. */
  pass(chunk: Buffer): Buffer | StreamFault {
    if (this.#decided) return chunk;
    return this.#decide(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  /** The bytes that were held back, when nothing more comes. */
  end(): Buffer | StreamFault {
    return this.#decided ? Buffer.alloc(0) : this.#decide(this.#held, true);
  }

  /** How many bytes were stepped over. */
  get skipped(): number {
    return this.#sawMark ? 3 : 0;
  }

  #decide(given: Buffer, isAll: boolean): Buffer | StreamFault {
    let bytes = given;
    this.#held = Buffer.alloc(0);
    if (!this.#begun) {
      if (bytes.length < 3 && !isAll && [0xef, 0xbb].every((byte, i) => i >= bytes.length || bytes[i] === byte)) {
        this.#held = Buffer.from(bytes);
        return Buffer.alloc(0);
      }
      this.#begun = true;
      this.#sawMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
      if (this.#sawMark) bytes = bytes.subarray(3);
    }
    let at = 0;
    while (at < bytes.length && isSpace(bytes[at]!)) at += 1;
    const first = bytes[at];
    if (first === undefined) return bytes;
    if (at + 1 === bytes.length && !isAll) {
      this.#held = Buffer.from(bytes.subarray(at));
      return bytes.subarray(0, at);
    }
    this.#decided = true;
    if (first === LESS) return "html";
    return first === 0 || first >= 0xfe || bytes[at + 1] === 0 ? "not-utf8" : bytes;
  }

  /** Nothing but white space has come. */
  get empty(): boolean {
    return !this.#decided;
  }
}

/** Lines of NDJSON; empty lines are passed over but counted, so that a position is a line number. */
export class LineReader implements ItemReader {
  readonly #limits: ItemLimits;
  readonly #opening = new Opening();
  readonly #bytes: ItemBytes;
  #line = 1;
  #fault: StreamFault | undefined;

  constructor(limits: ItemLimits) {
    this.#limits = limits;
    this.#bytes = new ItemBytes(limits.itemBytesMax);
  }

  get stopped(): boolean {
    return this.#fault !== undefined;
  }

  push(chunk: Buffer): Item[] {
    return this.stopped ? [] : this.#read(this.#opening.pass(chunk));
  }

  #read(bytes: Buffer | StreamFault): Item[] {
    if (typeof bytes === "string") {
      this.#fault = bytes;
      return [];
    }
    const items: Item[] = [];
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      this.#bytes.add(bytes.subarray(from, at));
      this.#finishLine(items);
      from = at + 1;
    }
    // Copied, because the chunk it is a view of may be large and would stay in memory with it.
    if (from < bytes.length) this.#bytes.add(Buffer.from(bytes.subarray(from)));
    return items;
  }

  /** Whether the line was cut: only the last one, which no line end closes, can be. */
  #finishLine(items: Item[], isLast = false): boolean {
    const position = this.#line++;
    if (this.#bytes.length === 0) return false;
    const { itemDepthMax } = this.#limits;
    const taken = this.#bytes.take();
    if (isLast && isCut(taken, itemDepthMax)) {
      items.push({ position, broken: "truncated" });
      return true;
    }
    if (typeof taken !== "string") items.push({ position, broken: taken.broken });
    else if (isTooDeep(taken, itemDepthMax)) items.push({ position, broken: "too-deep" });
    else if (NOT_SPACE.test(taken)) items.push({ position, text: taken });
    return false;
  }

  end(): StreamEnd {
    const items = this.stopped ? [] : this.#read(this.#opening.end());
    if (this.#fault !== undefined) return { items: [], fault: this.#fault };
    if (this.#opening.empty) return { items: [], fault: "empty" };
    const cut = this.#finishLine(items, true);
    return cut ? { items, fault: "truncated" } : { items };
  }
}

/** Whether a text breaks off: inside of a bracket, a string, or a character. */
function isCut(taken: ReturnType<ItemBytes["take"]>, depthMax: number): boolean {
  const text = typeof taken === "string" ? taken : taken.broken === "not-utf8" ? withoutCutCharacter(taken.bytes) : "";
  const { deepest, isOpen } = shapeOf(text, depthMax);
  return isOpen && deepest <= depthMax;
}

/** Empty when there is more wrong with it than a last character that is not all there. */
function withoutCutCharacter(bytes: Buffer): string {
  for (let cut = 1; cut <= CUT_CHARACTER_BYTES_MAX && cut < bytes.length; cut += 1) {
    const byte = bytes[bytes.length - cut]!;
    if ((byte & 0xc0) === 0x80) continue;
    const bytesNeeded = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    const whole = bytes.subarray(0, bytes.length - cut);
    return bytesNeeded > cut && isUtf8(whole) ? whole.toString("utf8") : "";
  }
  return "";
}
