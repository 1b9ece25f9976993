import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import type { UsageFormat } from "../operations/usage/items.ts";

const FORMATS: Readonly<Record<string, UsageFormat>> = {
  "application/json": "page",
  "application/cloudevents-batch+json": "events",
  "application/cloudevents+json": "event",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
};

/** @throws Fault UnsupportedMediaType */
export function usageFormat(contentType: string | undefined): UsageFormat {
  const type = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  const format = FORMATS[type];
  if (format !== undefined) return format;
  const supported = Object.keys(FORMATS).join(", ");
  throw new Fault("UnsupportedMediaType", { type: contentType ?? "none", supported });
}

/**
 * The body decompressed as its content-encoding says, chunk by chunk.
 * @throws Fault UnsupportedMediaType at once; UsageBodyEncodingBroken while it is read
 */
export function usageBytes(body: Readable, contentEncoding: string | undefined): AsyncIterable<Buffer> {
  const encoding = (contentEncoding ?? "identity").trim().toLowerCase();
  // Not destroyed when reading stops early: the connection is still needed for the answer.
  if (encoding === "identity" || encoding === "") {
    return body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  }
  if (encoding !== "gzip" && encoding !== "zstd") {
    const type = encoding;
    throw new Fault("UnsupportedMediaType", { type, supported: "gzip or zstd" }, { target: "content-encoding" });
  }
  return decoded(body, encoding);
}

type Encoding = "gzip" | "zstd";
type Decoder = Transform & { readonly bytesWritten: number };

function openDecoder(encoding: Encoding): Decoder {
  const decoder = encoding === "gzip" ? createGunzip() : createZstdDecompress();
  // What breaks while nobody waits for it is of no interest, but may not end the process.
  return decoder.on("error", () => undefined);
}

/**
 * Every frame of zstd, every member of gzip. Node's gunzip reads members on by itself; its zstd ends with the frame that
 * ends inside of a chunk, so the rest of the chunk gets a decoder of its own.
 */
async function* decoded(body: Readable, encoding: Encoding): AsyncGenerator<Buffer> {
  const broken = (cause?: unknown): Fault =>
    new Fault("UsageBodyEncodingBroken", { encoding, framesMax: LIMITS.compressedFramesMax }, { cause });
  let decoder = openDecoder(encoding);
  let frames = 1;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (let rest = chunk; rest.length > 0; ) {
        const before = decoder.bytesWritten;
        yield* outputOf(decoder, (done) => decoder.write(rest, done));
        rest = rest.subarray(decoder.bytesWritten - before);
        if (rest.length === 0) break;
        frames += 1;
        if (encoding === "gzip" || frames > LIMITS.compressedFramesMax) throw broken();
        decoder.destroy();
        decoder = openDecoder(encoding);
      }
    }
    // Its own callback comes before the last check of the data; that all is well tells the end of the output.
    yield* outputOf(decoder, () => decoder.end());
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw code.startsWith("Z_") || code.startsWith("ZSTD_") ? broken(error) : error;
  } finally {
    decoder.destroy();
  }
}

/** What a decoder makes of what is written to it, until it has taken all of it or its data has ended. */
async function* outputOf(
  decoder: Decoder,
  write: (done: (error?: Error | null) => void) => void,
): AsyncGenerator<Buffer> {
  let done = false;
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const isOver = (): boolean => done || failure !== undefined || decoder.readableEnded;
  const onReadable = (): void => wake();
  const onError = (error: Error): void => {
    failure = error;
    wake();
  };
  decoder.on("readable", onReadable).on("end", onReadable).once("error", onError);
  try {
    write((error) => {
      failure ??= error ?? undefined;
      done = true;
      wake();
    });
    for (;;) {
      const over = isOver();
      for (let part = decoder.read() as Buffer | null; part !== null; part = decoder.read() as Buffer | null)
        yield part;
      if (failure !== undefined) throw failure;
      if (over) return;
      // Nothing can happen between the look and the wait: events come later.
      if (!isOver()) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    decoder.off("readable", onReadable).off("end", onReadable).off("error", onError);
  }
}

/**
 * Breaks off a body whose sender has stopped sending. As long as something of it is here and was not read yet, or
 * when all of it is here, it is we who are slow: the sender waits for its answer then, however long that takes.
 */
export function giveUpWhenIdle(body: IncomingMessage, answer: ServerResponse, idleMsMax: number): void {
  body.setTimeout(idleMsMax, () => {
    if (!body.complete && body.readableLength === 0) body.destroy(new Error("the sender has stopped sending"));
  });
  // A timeout that nobody listens to makes Node close the connection.
  answer.on("timeout", () => undefined);
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
