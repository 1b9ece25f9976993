import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import type { UsageFormat } from "../operations/usage/items.ts";

const FORMATS: Readonly<Record<string, UsageFormat>> = {
  "application/json": "page",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
};

/** @throws Fault UnsupportedMediaType */
export function usageFormat(contentType: string | undefined): UsageFormat {
  const type = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  const format = FORMATS[type];
  if (format !== undefined) return format;
  const supported = "application/json (a page) or application/x-ndjson (a record a line)";
  throw new Fault("UnsupportedMediaType", { type: contentType ?? "none", supported });
}

/**
 * The body decompressed as its content-encoding says, chunk by chunk.
 * @throws Fault UnsupportedMediaType at once; UsageBodyEncodingBroken while it is read
 */
export function usageBytes(body: IncomingMessage, contentEncoding: string | undefined): AsyncIterable<Buffer> {
  const encoding = (contentEncoding ?? "identity").trim().toLowerCase();
  // Not destroyed when reading stops early: the connection is still needed for the answer.
  if (encoding === "identity" || encoding === "") return body.iterator({ destroyOnReturn: false });
  if (encoding !== "gzip" && encoding !== "zstd") {
    const type = encoding;
    throw new Fault("UnsupportedMediaType", { type, supported: "gzip or zstd" }, { target: "content-encoding" });
  }
  return decoded(body, encoding === "gzip" ? createGunzip() : createZstdDecompress(), encoding);
}

async function* decoded(
  body: IncomingMessage,
  decoder: Transform & { readonly bytesWritten: number },
  encoding: string,
): AsyncGenerator<Buffer> {
  let received = 0;
  body.on("data", (chunk: Buffer) => (received += chunk.length));
  body.on("error", (error) => decoder.destroy(error));
  body.pipe(decoder);
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
    // Node's zstd ends with the first frame; what follows must not be lost in silence.
    if (decoder.bytesWritten < received || !body.complete) throw new Fault("UsageBodyEncodingBroken", { encoding });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const broken = code.startsWith("Z_") || code.startsWith("ZSTD_");
    throw broken ? new Fault("UsageBodyEncodingBroken", { encoding }, { cause: error }) : error;
  } finally {
    body.unpipe(decoder);
    decoder.destroy();
  }
}

/** Breaks off a body whose sender has stopped sending. */
export function giveUpWhenIdle(body: IncomingMessage): void {
  body.setTimeout(LIMITS.intakeIdleMsMax, () => {
    if (!body.complete) body.destroy(new Error("the sender has stopped sending"));
  });
}

/** What is read and thrown away of a body that was refused early, so that its sender hears the answer. */
const DRAINED_BYTES_MAX = 256 * 1_048_576;

/** Reads the rest of a body into nothing: a sender that is still sending would otherwise only see a broken connection. */
export function drain(body: IncomingMessage): void {
  let bytes = 0;
  body.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DRAINED_BYTES_MAX) body.destroy();
  });
  body.resume();
}
