import { hash } from "node:crypto";

export const sha256 = (text: string): string => hash("sha256", text, "hex");

const digits = Buffer.alloc(64);

/**
 * The first bits of SHA-256 as lower-case hex digits; 128 are wide enough that two keys never meet by chance. Copied,
 * because a slice of a text keeps all of it in memory, and the digests of several pieces of usage are held.
 */
export function digest(text: string, bits: 64 | 128): string {
  digits.write(sha256(text), "latin1");
  return digits.toString("latin1", 0, bits / 4);
}
