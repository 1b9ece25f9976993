import { hash } from "node:crypto";

/** The first 128 bits of SHA-256 as 32 lower-case hex digits: wide enough that two keys never meet by chance. */
export const digest128 = (text: string): string => hash("sha256", text, "hex").slice(0, 32);

export const sha256 = (text: string): string => hash("sha256", text, "hex");
