/** Mixes a 32-bit value well (the finaliser of MurmurHash3): equal inputs always give equal outputs. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** One 32-bit hash of several numbers; the order counts. */
export function hash32(a: number, b: number, c = 0, d = 0): number {
  let h = mix32(a ^ 0x9e3779b9);
  h = mix32(h ^ Math.imul(b, 0x85ebca77));
  h = mix32(h ^ Math.imul(c, 0xc2b2ae3d));
  return mix32(h ^ Math.imul(d, 0x27d4eb2f));
}

/** A fraction in [0, 1) from several numbers. */
export const fraction = (a: number, b: number, c = 0, d = 0): number => hash32(a, b, c, d) / 0x1_0000_0000;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const hex32 = (value: number): string =>
  HEX[value >>> 24]! + HEX[(value >>> 16) & 255]! + HEX[(value >>> 8) & 255]! + HEX[value & 255]!;

/** A lower-case GUID of version 4 that is always the same for the same numbers. */
export function guid(a: number, b: number, c = 0): string {
  // The part comes first: were it last, all four would follow from one 32-bit state, and different inputs could meet.
  const [w, x, y, z] = [1, 2, 3, 4].map((part) => hex32(hash32(part, a, b, c))) as [string, string, string, string];
  const variant = "89ab"[Number.parseInt(y[0]!, 16) & 3]!;
  return `${w}-${x.slice(0, 4)}-4${x.slice(5)}-${variant}${y.slice(1, 4)}-${y.slice(4)}${z}`;
}
