import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { chooseLanguage, Fault, isFault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import { errorBody, type FaultAnswers, RETRY_AFTER_S } from "./errorBody.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Statuses and pages of refusals on this server. */
    readonly faultAnswers: FaultAnswers;
  }
}

/** Bodies of these types are handed to the route as a stream; all others are read as JSON. */
const STREAMED = "x-stream";

/**
 * The HTTP server with what both faces share: request ids, lenient paths, one error envelope
 * (contract/toolchain.md §6.3, contract/registration.md §5.4).
 */
export function createServer(logger: FastifyBaseLogger, answers: FaultAnswers): FastifyInstance {
  const server = Fastify({
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
      void sendFault(toFault(error, request), request, reply);
    },
    clientErrorHandler: answerUnreadable(answers),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  }) as unknown as FastifyInstance;
  server.decorate("faultAnswers", answers);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", async (request: FastifyRequest, payload: IncomingMessage) => {
    // Usage is streamed; its route reads the payload itself.
    const streams = request.routeOptions.config !== undefined && STREAMED in request.routeOptions.config;
    return streams ? payload : await readJson(payload);
  });
  server.addHook("onSend", async (request, reply) => {
    void reply.headers({
      "x-ms-request-id": request.id,
      "x-ms-correlation-request-id": correlationOf(request),
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    });
  });
  server.addHook("onResponse", async (request, reply) => {
    const { method, url, id } = request;
    request.log.info(
      { method, url, status: reply.statusCode, durationMs: Math.round(reply.elapsedTime), id },
      "request",
    );
  });
  server.setErrorHandler((error, request, reply) => sendFault(toFault(error, request), request, reply));
  server.setNotFoundHandler((request, reply) =>
    sendFault(new Fault("RouteNotFound", { method: request.method, path: request.url }), request, reply),
  );
  return server;
}

/** Bytes that are no HTTP request, or one with too large a head, are answered in the same form as everything else. */
export const answerUnreadable =
  (answers: FaultAnswers) =>
  (error: Error & { code?: string }, socket: Socket | Duplex): void => {
    if (!socket.writable || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const fault = new Fault("InvalidRequestContent", {
      reason: `it is no HTTP request that can be read (${error.code})`,
    });
    const body = JSON.stringify(errorBody(fault, "en", answers));
    const type = "Content-Type: application/json; charset=utf-8";
    socket.end(
      `HTTP/1.1 400 Bad Request\r\n${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  };

/** Marks a route whose body is a stream. */
export const streamed = { [STREAMED]: true };

const GUID = /^[0-9a-f-]{36}$/i;

export function correlationOf(request: FastifyRequest): string {
  const given = request.headers["x-ms-correlation-request-id"];
  return typeof given === "string" && GUID.test(given) ? given : request.id;
}

/** Names in lower case; of repeated names the first counts, as ARM does. */
function parseQuery(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) values[name.toLowerCase()] ??= value;
  return values;
}

/** Parses the body whatever its content-type says: clients name JSON on empty bodies, or nothing at all. */
async function readJson(payload: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    bytes += chunk.length;
    if (bytes > LIMITS.requestBodyBytesMax)
      throw new Fault("RequestTooLarge", { bytesMax: LIMITS.requestBodyBytesMax });
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8").trim();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault("InvalidRequestContent", { reason: (error as Error).message });
  }
}

export function toFault(error: unknown, request: FastifyRequest): Fault {
  if (isFault(error)) return error;
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
  if (status >= 502) void reply.header("retry-after", RETRY_AFTER_S);
  return await reply
    .code(status)
    .header("content-language", language)
    .header("content-type", "application/json; charset=utf-8")
    .send(errorBody(fault, language, faultAnswers));
}
