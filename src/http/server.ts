import { randomUUID } from "node:crypto";
import { type IncomingMessage, maxHeaderSize, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { type FaultEntry, FAULTS } from "../domain/faults/catalogue.ts";
import { chooseLanguage, Fault, isFault } from "../domain/faults/fault.ts";
import { isGuid } from "../domain/ids.ts";
import { dateOf, formatInstant, SECOND_MS, systemClock } from "../lib/instant.ts";
import { LIMITS } from "../domain/limits.ts";
import { errorBody, type FaultAnswers, RETRY_AFTER_S } from "./errorBody.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Statuses and pages of refusals on this server. */
    readonly faultAnswers: FaultAnswers;
  }
}

/** The body of such a route is a form, whatever its content-type says. */
const FORM = "x-form";

/** Bodies of these types are handed to the route as a stream; all others are read as JSON. */
const STREAMED = "x-stream";

export interface ServerOptions {
  /** Certificate with its chain, and private key, as PEM; plain HTTP without. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** The value of WWW-Authenticate for a request that is refused because of who sends it. */
  readonly challenge?: Challenge;
  /** Statuses and pages of refusals. */
  readonly answers: FaultAnswers;
}

export type Challenge = (fault: Fault, request: FastifyRequest) => string;

const challenges = new WeakMap<FastifyInstance, Challenge>();

/**
 * The HTTP server with what both faces share: request ids, lenient paths, one error envelope
 * (contract/toolchain.md §6.3, contract/registration.md §5.4).
 */
export function createServer(logger: FastifyBaseLogger, { tls, challenge, answers }: ServerOptions): FastifyInstance {
  const server = Fastify({
    ...(tls === undefined ? { http: OWN_REFUSALS } : { https: { ...tls, minVersion: "TLSv1.2", ...OWN_REFUSALS } }),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: LIMITS.requestBodyBytesMax,
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: 2_048,
      querystringParser: parseQuery,
    },
    frameworkErrors: (error, request, reply) => {
      // The framework runs no hook for these.
      setHeaders(request, reply, tls !== undefined);
      void sendFault(toFault(error, request), request, reply);
    },
    clientErrorHandler: answerUnreadable(answers),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  }) as unknown as FastifyInstance;
  if (challenge !== undefined) challenges.set(server, challenge);
  server.decorate("faultAnswers", answers);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", async (request: FastifyRequest, payload: IncomingMessage) => {
    // Usage is streamed; its route reads the payload itself.
    const config = request.routeOptions.config ?? {};
    if (STREAMED in config) return payload;
    return FORM in config ? await readForm(payload) : await readJson(payload);
  });
  server.server.on("checkExpectation", (request, response) => server.routing(request, response));
  // Hooks with a callback: each promise would cost every answer a turn of the loop.
  server.addHook("onRequest", ({ raw }, _reply, done) => done(hostFault(raw)));
  server.addHook("onSend", (request, reply, payload, done) => {
    setHeaders(request, reply, tls !== undefined);
    done(null, payload);
  });
  server.addHook("onResponse", (request, reply, done) => {
    done();
    if (LEVELS_WITHOUT_REQUESTS.has(logger.level)) return;
    const { method, id } = request;
    const url = withoutSecrets(request.url);
    request.log.info(
      { method, url, status: reply.statusCode, durationMs: Math.round(reply.elapsedTime), id },
      "request",
    );
  });
  server.setErrorHandler((error, request, reply) => sendFault(toFault(error, request), request, reply));
  server.setNotFoundHandler((request, reply) => sendFault(unservedFault(server, request), request, reply));
  return server;
}

/** Says which methods an address knows; by server, for the routes come later. */
const methodsAt = new WeakMap<FastifyInstance, (path: string) => readonly string[]>();

export const knowMethods = (server: FastifyInstance, methods: (path: string) => readonly string[]): void =>
  void methodsAt.set(server, methods);

/** No route fits: the address is unknown, or knows other methods only (contract/registration.md §7.2). */
function unservedFault(server: FastifyInstance, { method, url }: FastifyRequest): Fault {
  const path = url.split("?")[0]!;
  const allowed = methodsAt.get(server)?.(path) ?? [];
  return allowed.length === 0
    ? new Fault("RouteNotFound", { method, path })
    : new Fault("MethodNotAllowed", { method, path, allowed: allowed.join(", ") });
}

export const JSON_TYPE = "application/json; charset=utf-8";

const LEVELS_WITHOUT_REQUESTS: ReadonlySet<string> = new Set(["warn", "error", "fatal", "silent"]);

const SECRET_IN_QUERY = /([?&][^=&]*(?:token|secret|password|code|assertion|signature|key)[^=&]*=)[^&]*/gi;

/** A URL as it may be logged: somebody may put into the query what belongs into a header or a form. */
export const withoutSecrets = (url: string): string => url.replace(SECRET_IN_QUERY, "$1***");

/** Bytes that are no HTTP request, or one with too large a head, are answered in the same form as everything else. */
export const answerUnreadable =
  (answers: FaultAnswers) =>
  (error: Error & { code?: string }, socket: Socket | Duplex): void => {
    if (!socket.writable || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const fault = unreadableFault(error);
    const status = answers.statusOf(fault.code);
    const body = JSON.stringify(errorBody(fault, "en", answers));
    const id = randomUUID();
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `Content-Type: ${JSON_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `x-ms-request-id: ${id}`,
      `x-ms-correlation-request-id: ${id}`,
      `x-ms-routing-request-id: LOCAL:${routingStamp()}:${id}`,
      `Date: ${dateOf(systemClock.now()).toUTCString()}`,
      "Cache-Control: no-cache",
      "Pragma: no-cache",
      "Expires: -1",
      "X-Content-Type-Options: nosniff",
      "Connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  };

const unreadableFault = ({ code }: { readonly code?: string }): Fault =>
  code === "HPE_HEADER_OVERFLOW"
    ? new Fault("RequestHeadTooLarge", { bytesMax: maxHeaderSize })
    : new Fault("InvalidRequestContent", { reason: `it is no HTTP request that can be read (${code})` });

/** Node answers a request without a Host by itself, and not in our form. */
export const OWN_REFUSALS = { requireHostHeader: false };

/** What is wrong with a request that does not say which host it is for. */
function hostFault({ headers, httpVersion }: IncomingMessage): Fault | undefined {
  if (headers.host !== undefined || httpVersion === "1.0") return undefined;
  return new Fault("InvalidRequestContent", { reason: "it has no Host header" });
}

/** Marks a route whose body is a stream. */
export const streamed = { [STREAMED]: true };
/** Marks a route whose body is a form. */
export const asForm = { [FORM]: true };

/** What every answer carries (contract/registration.md §5.4). */
function setHeaders(request: FastifyRequest, reply: FastifyReply, overTls: boolean): void {
  const correlation = correlationOf(request);
  void reply
    .header("x-ms-request-id", request.id)
    .header("x-ms-correlation-request-id", correlation)
    .header("x-ms-routing-request-id", `LOCAL:${routingStamp()}:${correlation}`)
    .header("pragma", "no-cache")
    .header("expires", "-1")
    .header("x-content-type-options", "nosniff");
  if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-cache");
  if (overTls) void reply.header("strict-transport-security", "max-age=31536000; includeSubDomains");
  const { "x-ms-client-request-id": clientId, "x-ms-return-client-request-id": wanted } = request.headers;
  if (typeof clientId === "string" && wanted === "true" && PRINTABLE.test(clientId)) {
    void reply.header("x-ms-client-request-id", clientId);
  }
}

let stamped = { second: -1, text: "" };

/** yyyyMMddTHHmmssZ, made once a second. */
function routingStamp(): string {
  const nowMs = systemClock.now();
  const second = Math.floor(nowMs / SECOND_MS);
  if (stamped.second !== second) {
    stamped = { second, text: formatInstant(second * SECOND_MS).replace(/[-:]/g, "") };
  }
  return stamped.text;
}

const PRINTABLE = /^[\x20-\x7e]{1,256}$/;

export function correlationOf(request: FastifyRequest): string {
  const given = request.headers["x-ms-correlation-request-id"];
  return typeof given === "string" && isGuid(given.toLowerCase()) ? given : request.id;
}

/** Names in lower case; of repeated names the first counts, as ARM does. */
function parseQuery(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) values[name.toLowerCase()] ??= value;
  return values;
}

async function readText(payload: AsyncIterable<Buffer>, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Fault("RequestTooLarge", { bytesMax });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function readForm(payload: AsyncIterable<Buffer>): Promise<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(await readText(payload, LIMITS.tokenRequestBytesMax))) {
    fields[name] ??= value;
  }
  return fields;
}

/** Parses the body whatever its content-type says: clients name JSON on empty bodies, or nothing at all. */
async function readJson(payload: AsyncIterable<Buffer>): Promise<unknown> {
  const text = (await readText(payload, LIMITS.requestBodyBytesMax)).trim();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault("InvalidRequestContent", { reason: (error as Error).message });
  }
}

export function toFault(error: unknown, request: FastifyRequest): Fault {
  if (isFault(error)) {
    // The answer leaves out what would tell of our insides: where things are kept, above all.
    if (error.cause !== undefined && request.server.faultAnswers.statusOf(error.code) >= 500) {
      request.log.error({ err: error.cause, code: error.code }, "what a request needs is not there");
    }
    return error;
  }
  const { statusCode, validation, message } = error as { statusCode?: number; validation?: unknown; message: string };
  if (validation !== undefined) return new Fault("InvalidRequestContent", { reason: message });
  if (statusCode === 413) return new Fault("RequestTooLarge", { bytesMax: LIMITS.requestBodyBytesMax });
  if (statusCode === 415) {
    const type = request.headers["content-type"] ?? "none";
    return new Fault("UnsupportedMediaType", { type, supported: "application/json" });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Fault("InvalidRequestContent", { reason: message });
  }
  // A sender that goes away in the middle is no defect of ours, and nobody hears the answer.
  if (request.raw.destroyed || request.raw.aborted) request.log.info({ reason: message }, "the sender went away");
  else request.log.error({ err: error }, "request failed inside");
  return new Fault("InternalServerError", { requestId: request.id });
}

export async function sendFault(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const language = chooseLanguage(request.headers["accept-language"]);
  const { faultAnswers } = request.server;
  const status = faultAnswers.statusOf(fault.code);
  const { passes }: FaultEntry = FAULTS[fault.code];
  const soon = status >= 502 || passes === true ? RETRY_AFTER_S : undefined;
  const waitS = fault.kind === "throttled" || fault.kind === "incomplete" ? fault.params["seconds"] : soon;
  if (waitS !== undefined) void reply.header("retry-after", String(waitS));
  if (fault.kind === "method") void reply.header("allow", String(fault.params["allowed"]));
  if (status === 401) {
    void reply.header("www-authenticate", challenges.get(request.server)?.(fault, request) ?? "Bearer");
  }
  return await reply
    .code(status)
    .header("content-language", language)
    .header("content-type", JSON_TYPE)
    .send(errorBody(fault, language, faultAnswers));
}
