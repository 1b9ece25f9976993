import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type TroubleKind, Trouble } from "./trouble.ts";

export interface HttpEndpoint {
  /** Certificates of the authorities to trust, as PEM; the usual ones without. */
  readonly ca: string | undefined;
  /** How long the other side may be silent. */
  readonly timeoutMs: number;
}

export interface HttpCall {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Posted as a form where it is given. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A page has about a megabyte; this is against a stamp that never stops. */
const BODY_BYTES_MAX = 64 * 1_048_576;

/**
 * One call, its answer read to its end.
 * @throws Trouble of kind unreachable or broken-body: an answer that was cut off is none
 */
export async function callHttp({ ca, timeoutMs }: HttpEndpoint, { url, headers, form }: HttpCall): Promise<HttpAnswer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const open = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = open(url, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      ...headers,
    },
    ...(ca === undefined ? {} : { ca }),
  });
  request.setTimeout(timeoutMs, () => request.destroy(new Error(`nothing was heard for ${timeoutMs / 1_000} s`)));
  let response: IncomingMessage;
  try {
    response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      request.once("error", reject);
      request.end(body);
    });
  } catch (error) {
    throw because("unreachable", error);
  }
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) throw new Error(`the answer is longer than ${BODY_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    if (!response.complete) throw new Error("the answer was cut off");
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  } catch (error) {
    request.destroy();
    throw because("broken-body", error);
  }
}

const because = (kind: TroubleKind, error: unknown): Trouble =>
  new Trouble(kind, (error as Error).message, { cause: error });
