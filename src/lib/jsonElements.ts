import {
  type Damage,
  isSpace,
  type Item,
  ItemBytes,
  type ItemLimits,
  type ItemReader,
  Opening,
  type StreamEnd,
  type StreamFault,
} from "./jsonItems.ts";

/** Which values of a JSON document are its items: the elements of its member `value`, its elements, or itself. */
export type Layout = "page" | "array" | "one";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** How many brackets are open around an item. */
const DEPTH_OF_ITEMS: Readonly<Record<Layout, number>> = { page: 2, array: 1, one: 0 };

type Expected = "value" | "value-or-end" | "name" | "name-or-end" | "colon" | "comma-or-end" | "nothing";

/** What is being read: a value in brackets (only items are read as a whole), a string, or a number or word. */
type Reading = "brackets" | "string" | "word";

/** How much of what is wrong a damage shows. */
const FOUND_CHARS_MAX = 20;

/**
 * Reads a JSON document of any length and gives its items one by one. What is around the items has to be JSON to the
 * letter: where it is not, nobody can say what the rest means, and reading stops. Inside an item only its brackets and
 * strings are followed.
 */
export class ElementReader implements ItemReader {
  readonly #layout: Layout;
  readonly #limits: ItemLimits;
  readonly #opening = new Opening();
  readonly #bytes: ItemBytes;
  #fault: StreamFault | undefined;
  #damage: Damage | undefined;
  /** Bytes of the chunks before this one. */
  #bytesBefore = 0;
  #position = 0;
  /** The brackets that close what is open around the items; bounded as the depth of an item is. */
  #closers: number[] = [];
  #expected: Expected = "value";
  #reading: Reading | undefined;
  #isItem = false;
  #tokenAt = 0;
  /** Name of the last member of the document itself. */
  #member = "";
  #sawValue = false;
  #sawItems = false;
  #inItems: boolean;
  // Inside of an item:
  #escaped = false;
  #inString = false;
  #itemClosers: number[] = [];
  /** Brackets open in the item, also those past the limit, whose kinds are not remembered. */
  #itemDepth = 0;
  #itemTooDeep = false;

  constructor(layout: Layout, limits: ItemLimits) {
    this.#layout = layout;
    this.#limits = limits;
    this.#bytes = new ItemBytes(limits.itemBytesMax);
    this.#inItems = layout !== "page";
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
    let at = 0;
    while (at < bytes.length && !this.stopped) {
      if (this.#reading === undefined) {
        this.#between(bytes[at]!, at);
        from = at;
        at += 1;
        continue;
      }
      const end = this.#endOf(bytes, at);
      if (end === undefined) break;
      this.#bytes.add(bytes.subarray(from, end));
      this.#finish(items);
      at = end;
    }
    // Copied, because the chunk it is a view of may be large and would stay in memory with it.
    if (this.#reading !== undefined && !this.stopped) this.#bytes.add(Buffer.from(bytes.subarray(from)));
    this.#bytesBefore += bytes.length;
    return items;
  }

  #break(at: number, found: string): void {
    this.#stopAt(this.#opening.skipped + this.#bytesBefore + at, found);
  }

  #stopAt(atByte: number, found: string): void {
    this.#fault = "malformed";
    this.#damage = { atByte, found: found.slice(0, FOUND_CHARS_MAX), afterItem: this.#position };
  }

  #between(byte: number, at: number): void {
    if (isSpace(byte)) return;
    switch (this.#expected) {
      case "value-or-end":
      case "name-or-end":
        if (byte === this.#closers.at(-1)) this.#close();
        else if (this.#expected === "value-or-end") this.#startValue(byte, at);
        else this.#startName(byte, at);
        break;
      case "value":
        this.#startValue(byte, at);
        break;
      case "name":
        this.#startName(byte, at);
        break;
      case "colon":
        if (byte === COLON) this.#expected = "value";
        else this.#break(at, shown(byte));
        break;
      case "comma-or-end":
        if (byte === COMMA) this.#expected = this.#closers.at(-1) === CLOSE_BRACE ? "name" : "value";
        else if (byte === this.#closers.at(-1)) this.#close();
        else this.#break(at, shown(byte));
        break;
      case "nothing":
        this.#break(at, shown(byte));
        break;
    }
  }

  #startName(byte: number, at: number): void {
    this.#isItem = false;
    if (byte === QUOTE) this.#start("string", at);
    else this.#break(at, shown(byte));
  }

  #startValue(byte: number, at: number): void {
    if (byte === COMMA || byte === COLON || byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      this.#break(at, shown(byte));
      return;
    }
    const depth = this.#closers.length;
    const isBracket = byte === OPEN_BRACE || byte === OPEN_BRACKET;
    this.#isItem = this.#inItems && depth === DEPTH_OF_ITEMS[this.#layout];
    if (this.#isItem) this.#startItem(byte, at, isBracket);
    else if (depth === 0 && byte !== (this.#layout === "page" ? OPEN_BRACE : OPEN_BRACKET)) {
      this.#fault = this.#layout === "page" ? "not-a-page" : "not-an-array";
    } else if (!isBracket) this.#start(byte === QUOTE ? "string" : "word", at);
    else if (depth >= this.#limits.itemDepthMax) this.#break(at, shown(byte));
    else this.#open(byte);
  }

  #open(byte: number): void {
    const isArray = byte === OPEN_BRACKET;
    if (this.#layout === "page" && this.#closers.length === 1 && isArray && this.#member === "value") {
      this.#inItems = true;
      this.#sawItems = true;
    }
    this.#closers.push(isArray ? CLOSE_BRACKET : CLOSE_BRACE);
    this.#expected = isArray ? "value-or-end" : "name-or-end";
  }

  #close(): void {
    this.#closers.pop();
    if (this.#layout === "page" && this.#closers.length === 1) this.#inItems = false;
    this.#endValue();
  }

  #endValue(): void {
    this.#expected = this.#closers.length === 0 ? "nothing" : "comma-or-end";
  }

  #start(reading: Reading, at: number): void {
    this.#reading = reading;
    this.#escaped = false;
    this.#inString = false;
    this.#tokenAt = this.#opening.skipped + this.#bytesBefore + at;
  }

  #startItem(byte: number, at: number, isBracket: boolean): void {
    this.#position += 1;
    this.#start(isBracket ? "brackets" : byte === QUOTE ? "string" : "word", at);
    this.#itemTooDeep = false;
    this.#itemClosers.length = 0;
    this.#itemDepth = 0;
    if (isBracket) this.#openInItem(byte);
  }

  #openInItem(byte: number): void {
    this.#itemDepth += 1;
    if (this.#itemDepth > this.#limits.itemDepthMax) this.#itemTooDeep = true;
    else this.#itemClosers.push(byte === OPEN_BRACKET ? CLOSE_BRACKET : CLOSE_BRACE);
  }

  /** Whether the bracket is the one that closes. */
  #closeInItem(byte: number): boolean {
    this.#itemDepth -= 1;
    return this.#itemDepth >= this.#limits.itemDepthMax || byte === this.#itemClosers.pop();
  }

  /** Where what is being read ends: behind its last byte. Undefined when that is not in this chunk. */
  #endOf(bytes: Buffer, from: number): number | undefined {
    if (this.#reading === "string") return this.#endOfString(bytes, from);
    if (this.#reading === "word") return endOfWord(bytes, from);
    for (let at = from; at < bytes.length; at += 1) {
      if (this.#inString) {
        const end = this.#endOfString(bytes, at);
        if (end === undefined) return undefined;
        this.#inString = false;
        at = end - 1;
        continue;
      }
      const byte = bytes[at]!;
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#openInItem(byte);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        // The item up to here is no JSON, which costs only itself; but where it would have ended nobody can tell.
        if (!this.#closeInItem(byte)) this.#break(at, shown(byte));
        if (this.#itemDepth === 0 || this.stopped) return at + 1;
      }
    }
    return undefined;
  }

  #endOfString(bytes: Buffer, from: number): number | undefined {
    let escaped = this.#escaped;
    for (let at = from; at < bytes.length; at += 1) {
      if (escaped) escaped = false;
      else if (bytes[at] === BACKSLASH) escaped = true;
      else if (bytes[at] === QUOTE) {
        this.#escaped = false;
        return at + 1;
      }
    }
    this.#escaped = escaped;
    return undefined;
  }

  #finish(items: Item[]): void {
    this.#reading = undefined;
    const taken = this.#bytes.take();
    if (this.#isItem) {
      const position = this.#position;
      if (this.#itemTooDeep) items.push({ position, broken: "too-deep" });
      else if (typeof taken === "string") items.push({ position, text: taken });
      else items.push({ position, broken: taken.broken });
      this.#endValue();
      return;
    }
    const value = typeof taken === "string" ? parsed(taken) : undefined;
    if (value === undefined) {
      this.#stopAt(this.#tokenAt, typeof taken === "string" ? taken : taken.broken);
    } else if (this.#expected === "name" || this.#expected === "name-or-end") {
      if (this.#closers.length === 1) this.#nameMember(value as string);
      if (!this.stopped) this.#expected = "colon";
    } else this.#endValue();
  }

  #nameMember(name: string): void {
    this.#member = name;
    // Two lists of records in one page: nobody can say which of them counts.
    if (name === "value" && this.#sawValue) this.#stopAt(this.#tokenAt, name);
    this.#sawValue ||= name === "value";
  }

  end(): StreamEnd {
    const items = this.stopped ? [] : this.#read(this.#opening.end());
    if (!this.stopped && this.#reading === "word" && this.#closers.length === 0) this.#finish(items);
    if (this.#fault !== undefined) {
      const damage = this.#damage === undefined ? {} : { damage: this.#damage };
      return { items, fault: this.#fault, ...damage };
    }
    if (this.#opening.empty) return { items, fault: "empty" };
    if (this.#reading !== undefined && this.#isItem) items.push({ position: this.#position, broken: "truncated" });
    if (this.#expected !== "nothing" || this.#reading !== undefined) return { items, fault: "truncated" };
    return this.#layout === "page" && !this.#sawItems ? { items, fault: "no-value" } : { items };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A byte as it may be shown: as a character where it is a visible one. */
const shown = (byte: number): string =>
  byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `0x${byte.toString(16).padStart(2, "0")}`;

function endOfWord(bytes: Buffer, from: number): number | undefined {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (isSpace(byte) || byte === COMMA || byte === CLOSE_BRACKET || byte === CLOSE_BRACE) return at;
  }
  return undefined;
}
