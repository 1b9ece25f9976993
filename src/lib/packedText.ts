import { zstdDecompressSync } from "node:zlib";

/** The magic number that a Zstandard frame begins with (RFC 8878). */
const MAGIC = Buffer.from("28b52ffd", "hex");

export const unpackedText = (packed: Uint8Array): string => zstdDecompressSync(packed).toString("utf8");
export const isPacked = (bytes: Uint8Array): boolean => MAGIC.equals(bytes.subarray(0, MAGIC.length));
