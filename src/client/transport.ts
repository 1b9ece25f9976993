import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Where a server is: a URL, or a Unix socket of this machine. */
export type Endpoint = RemoteEndpoint | { readonly socketPath: string };

export interface RemoteEndpoint {
  readonly url: string;
  /** Certificates of the authorities to trust, as PEM; the usual ones without. */
  readonly ca?: string;
  /** Gives the bearer token to send. */
  readonly token?: () => Promise<string>;
  /** How long the server may be silent in the middle of a call; for ever without. */
  readonly timeoutMs?: number;
}

export interface Call {
  readonly method: "GET" | "HEAD" | "PUT" | "PATCH" | "POST" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly json?: unknown;
  readonly stream?: {
    readonly bytes: AsyncIterable<Buffer> | Iterable<Buffer>;
    readonly type: string;
    readonly encoding?: string;
  };
  readonly language?: string;
  /** The reply's body is the text that was sent, also where it is JSON: a parser would take digits away. */
  readonly asText?: boolean;
  /** Takes the lines of an answer as they come, while the body is still being sent; the last line is the reply's body. */
  readonly onLines?: (lines: readonly string[]) => Promise<void>;
  /** Takes the bytes of a successful answer as they come; the reply has no body then. */
  readonly onBytes?: (chunk: Buffer) => Promise<void>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent again with it, the same body gets the same answer. */
  readonly idempotencyKey?: string | undefined;
  /** Sent instead of JSON. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The server could not be reached, or the connection broke. */
export class Unreachable extends Error {}

const LINES_TYPE = "application/x-ndjson";
const BODY_BYTES_MAX = 512 * 1_048_576;

/** Makes one call. Throws `Unreachable`; every answer of the server, also a refusal, is a reply. */
export async function send(endpoint: Endpoint, call: Call): Promise<Reply> {
  const { method, path, json, form, stream, onLines, language = "en" } = call;
  const jsonText = json === undefined ? undefined : JSON.stringify(json);
  const text = form === undefined ? jsonText : new URLSearchParams(form).toString();
  const accept = onLines === undefined ? "application/json" : `${LINES_TYPE}, application/json`;
  const headers: Record<string, string> = { accept, "accept-language": language, ...call.headers };
  if (call.idempotencyKey !== undefined) headers["idempotency-key"] = `"${call.idempotencyKey}"`;
  if (json !== undefined) headers["content-type"] = "application/json";
  if (form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
  const token = "token" in endpoint ? await endpoint.token?.() : undefined;
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (stream !== undefined) headers["content-type"] = stream.type;
  if (stream?.encoding !== undefined) headers["content-encoding"] = stream.encoding;
  const url = "url" in endpoint ? new URL(path, endpoint.url) : new URL(path, "http://localhost");
  const open = url.protocol === "https:" ? httpsRequest : httpRequest;
  const where =
    "socketPath" in endpoint
      ? { socketPath: endpoint.socketPath }
      : endpoint.ca === undefined
        ? {}
        : { ca: endpoint.ca };
  const request = open(url, { method, headers, ...where });
  if ("timeoutMs" in endpoint && endpoint.timeoutMs !== undefined) {
    const { timeoutMs } = endpoint;
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`nothing was heard for ${timeoutMs / 1_000} s`)));
  }
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  // Read while the body is still being sent: a server that answers by lines stops reading when nobody reads them.
  const reply = answered.then((response) => readReply(response, call));
  // Whoever awaits it below sees the error; this keeps it from being unhandled until then.
  reply.catch(() => undefined);
  try {
    if (stream === undefined) request.end(text);
    else {
      // A server that refuses early stops reading: its answer counts, not the broken pipe.
      await pipeline(Readable.from(stream.bytes, { objectMode: false }), request).catch(() => undefined);
    }
    return await reply;
  } catch (error) {
    throw new Unreachable((error as Error).message, { cause: error });
  }
}

async function readReply(
  response: IncomingMessage,
  { onLines, onBytes, asText = false }: Pick<Call, "onLines" | "onBytes" | "asText">,
): Promise<Reply> {
  const status = response.statusCode ?? 0;
  const type = response.headers["content-type"] ?? "";
  if (onLines !== undefined && type.includes(LINES_TYPE)) return { status, body: await readLines(response, onLines) };
  if (onBytes !== undefined && status === 200) {
    for await (const chunk of response as AsyncIterable<Buffer>) await onBytes(chunk);
    return { status, body: undefined };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  let body: unknown = text;
  if (text === "") body = undefined;
  else if (type.includes("json") && !(asText && status === 200)) body = JSON.parse(text);
  return { status, body };
}

/** Gives all lines but the last one on, and returns that one as it was parsed. */
async function readLines(response: AsyncIterable<Buffer>, onLines: NonNullable<Call["onLines"]>): Promise<unknown> {
  const decoder = new TextDecoder();
  let last: string | undefined;
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    if (lines.length === 0) continue;
    await onLines(last === undefined ? lines.slice(0, -1) : [last, ...lines.slice(0, -1)]);
    last = lines.at(-1);
  }
  if (last === undefined || rest !== "") throw new Error("the answer broke off");
  const parsed = JSON.parse(last) as Record<string, unknown>;
  // A line of a record is not the last one that a whole answer has.
  if (!("batch" in parsed)) throw new Error("the answer broke off");
  return parsed;
}
