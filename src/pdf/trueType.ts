import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

/** A font that is ready to be embedded: its bytes, which signs it has, and how wide they are. */
export interface TypeFace {
  readonly bytes: Buffer;
  /** In thousandths of the size; undefined where the font has no such sign. */
  readonly advanceOf: (codePoint: number) => number | undefined;
}

/**
 * What a page needs of a font. The tables that move signs about (kerning, ligatures) are left out: without them a text is
 * exactly as wide as its signs, and laying it out is quick.
 */
const TABLES: ReadonlySet<string> = new Set([
  "OS/2",
  "cmap",
  "glyf",
  "head",
  "hhea",
  "hmtx",
  "loca",
  "maxp",
  "name",
  "post",
]);

const WOFF_HEADER_BYTES = 44;
const ENTRY_BYTES = { woff: 20, trueType: 16 };
const TRUE_TYPE_HEADER_BYTES = 12;

interface Table {
  readonly tag: string;
  readonly checksum: number;
  readonly bytes: Buffer;
}

/** The tables of a font in WOFF 1.0 (W3C recommendation of 2012). */
function tablesOf(woff: Buffer): readonly Table[] {
  assert.equal(woff.toString("latin1", 0, 4), "wOFF", "the font is in WOFF");
  return Array.from({ length: woff.readUInt16BE(12) }, (_, i) => WOFF_HEADER_BYTES + i * ENTRY_BYTES.woff)
    .map((at) => ({
      tag: woff.toString("latin1", at, at + 4),
      offset: woff.readUInt32BE(at + 4),
      stored: woff.readUInt32BE(at + 8),
      length: woff.readUInt32BE(at + 12),
      checksum: woff.readUInt32BE(at + 16),
    }))
    .filter(({ tag }) => TABLES.has(tag))
    .map(({ tag, offset, stored, length, checksum }) => {
      const raw = woff.subarray(offset, offset + stored);
      return { tag, checksum, bytes: stored < length ? inflateSync(raw) : raw };
    });
}

function trueTypeOf(tables: readonly Table[]): Buffer {
  const header = Buffer.alloc(TRUE_TYPE_HEADER_BYTES + ENTRY_BYTES.trueType * tables.length);
  const power = Math.floor(Math.log2(tables.length));
  header.writeUInt32BE(0x0001_0000, 0);
  header.writeUInt16BE(tables.length, 4);
  header.writeUInt16BE(16 * 2 ** power, 6);
  header.writeUInt16BE(power, 8);
  header.writeUInt16BE(16 * (tables.length - 2 ** power), 10);
  const parts: Buffer[] = [header];
  let offset = header.length;
  for (const [i, { tag, checksum, bytes }] of tables.entries()) {
    const at = TRUE_TYPE_HEADER_BYTES + ENTRY_BYTES.trueType * i;
    header.write(tag, at, "latin1");
    header.writeUInt32BE(checksum, at + 4);
    header.writeUInt32BE(offset, at + 8);
    header.writeUInt32BE(bytes.length, at + 12);
    const padding = (4 - (bytes.length % 4)) % 4;
    parts.push(bytes, Buffer.alloc(padding));
    offset += bytes.length + padding;
  }
  return Buffer.concat(parts);
}

/** Which sign stands for which code point, of the plane that nearly all text is in (cmap format 4). */
function glyphsOf(cmap: Buffer): ReadonlyMap<number, number> {
  const glyphs = new Map<number, number>();
  const subtables = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => cmap.readUInt32BE(8 + 8 * i));
  const start = subtables.find((at) => cmap.readUInt16BE(at) === 4);
  assert(start !== undefined, "the font maps code points of the basic plane");
  const doubled = cmap.readUInt16BE(start + 6);
  const [ends, begins] = [start + 14, start + 16 + doubled];
  for (let at = 0; at < doubled; at += 2) {
    const [end, begin] = [cmap.readUInt16BE(ends + at), cmap.readUInt16BE(begins + at)];
    const delta = cmap.readUInt16BE(begins + doubled + at);
    const rangeAt = begins + 2 * doubled + at;
    const range = cmap.readUInt16BE(rangeAt);
    for (let code = begin; code <= end && code !== 0xff_ff; code += 1) {
      const found = range === 0 ? code : cmap.readUInt16BE(rangeAt + range + 2 * (code - begin));
      const glyph = found === 0 ? 0 : (found + delta) & 0xff_ff;
      if (glyph !== 0) glyphs.set(code, glyph);
    }
  }
  return glyphs;
}

/** Reads a font with TrueType outlines from a file in WOFF. */
export function readTypeFace(file: string): TypeFace {
  const tables = tablesOf(readFileSync(file));
  const table = (tag: string): Buffer => {
    const found = tables.find((so) => so.tag === tag);
    assert(found !== undefined, `the font has ${tag}`);
    return found.bytes;
  };
  const glyphs = glyphsOf(table("cmap"));
  const unitsPerEm = table("head").readUInt16BE(18);
  const metrics = table("hmtx");
  // Signs after the last one with a width of its own are as wide as it.
  const last = table("hhea").readUInt16BE(34) - 1;
  return {
    bytes: trueTypeOf(tables),
    advanceOf(codePoint) {
      const glyph = glyphs.get(codePoint);
      if (glyph === undefined) return undefined;
      return (metrics.readUInt16BE(4 * Math.min(glyph, last)) * 1_000) / unitsPerEm;
    },
  };
}
