import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** How long a file is, and the SHA-256 of what is in it. */
export async function fileSum(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest("hex") };
}
