import type { IncomingMessage } from "node:http";
import { PassThrough, pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Fault } from "../domain/faults/fault.ts";
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
  if (encoding === "identity" || encoding === "") return body;
  if (encoding !== "gzip" && encoding !== "zstd") {
    throw new Fault(
      "UnsupportedMediaType",
      { type: encoding, supported: "gzip or zstd" },
      { target: "content-encoding" },
    );
  }
  const decoder = encoding === "gzip" ? createGunzip() : createZstdDecompress();
  return decoded(body, decoder, encoding);
}

async function* decoded(
  body: IncomingMessage,
  decoder: NodeJS.ReadWriteStream,
  encoding: string,
): AsyncGenerator<Buffer> {
  const output = new PassThrough();
  // Errors come out of `output`, where they are told apart below.
  pipeline(body, decoder, output, () => undefined);
  try {
    for await (const chunk of output) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const broken = code.startsWith("Z_") || code.startsWith("ZSTD_") || code === "ERR_BUFFER_TOO_LARGE";
    throw broken ? new Fault("UsageBodyEncodingBroken", { encoding }, { cause: error }) : error;
  }
}
