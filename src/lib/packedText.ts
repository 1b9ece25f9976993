import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** Names and prices come again and again in what is packed: the lowest level makes a tenth of it, and is quick. */
const QUICKLY = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** The magic number that a Zstandard frame begins with (RFC 8878). */
const MAGIC = Buffer.from("28b52ffd", "hex");

export const packedText = (text: string): Buffer => zstdCompressSync(text, QUICKLY);
export const unpackedText = (packed: Uint8Array): string => zstdDecompressSync(packed).toString("utf8");
export const isPacked = (bytes: Uint8Array): boolean => MAGIC.equals(bytes.subarray(0, MAGIC.length));
