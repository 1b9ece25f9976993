import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { dateOf, formatInstant, type InstantMs } from "../../src/lib/instant.ts";
import { guid } from "../../src/lib/prng.ts";
import { type Answer, type HubRequest, Refused, refusal } from "./answers.ts";
import type { HubState } from "./hub.ts";
import { HUB_ROUTES } from "./routes.ts";
import { callerOf, unauthenticated } from "./signIn.ts";

const BODY_BYTES_MAX = 65_536;
type Route = (typeof HUB_ROUTES)[number];

/** Answers one request, with whatever goes wrong on the way. */
export function listener(hub: HubState, count: () => void) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    answerTo(hub, request, response, count).catch(() => response.destroy());
  };
}

async function answerTo(
  hub: HubState,
  incoming: IncomingMessage,
  response: ServerResponse,
  count: () => void,
): Promise<void> {
  const { path, query } = partsOf(incoming.url ?? "/");
  const route = HUB_ROUTES.find((each) => each.method === incoming.method && each.path.test(path));
  const body = await readBody(incoming);
  const isLocal = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(incoming.socket.remoteAddress ?? "");
  const method = incoming.method ?? "GET";
  if (route?.isControl !== true) count();
  const caller = callerOf(hub.signIn, incoming.headers.authorization, hub.clock.now());
  const answer = await answerOf(hub, route, { method, path, query, body, caller, isLocal });
  await send(hub, response, answer, route?.isControl !== true);
}

/** Slashes come twice and dot segments come too, from PowerShell (contract/usage.md §1). */
function partsOf(target: string): Pick<HubRequest, "path" | "query"> {
  const { pathname, searchParams } = new URL(target.replace(/^\/+/, "/"), "https://hub");
  const query = new Map<string, string>();
  for (const [name, value] of searchParams) {
    const known = query.get(name.toLowerCase());
    if (value !== "" && known === undefined) query.set(name.toLowerCase(), value);
  }
  return {
    path: pathname
      .toLowerCase()
      .replaceAll(/\/{2,}/g, "/")
      .replace(/(.)\/$/, "$1"),
    query,
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error("a body that no client of a Hub sends");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function answerOf(hub: HubState, route: Route | undefined, request: HubRequest): Promise<Answer> {
  const { signIn } = hub;
  if (route?.isControl !== true) {
    const fault = faultOf(hub, route, request);
    if (fault !== undefined) return fault;
  }
  if (route === undefined) {
    return refusal(404, "InvalidResourceType", `The resource type could not be found: ${request.path}`);
  }
  if (route.isOpen !== true && request.caller === undefined) return unauthenticated(signIn);
  try {
    return await route.handle(hub, request, route.path.exec(request.path)!.slice(1));
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

/** What goes wrong before anybody looks at the request. */
function faultOf({ faults, clock, signIn }: HubState, route: Route | undefined, request: HubRequest) {
  const retryAfter = { "retry-after": String(faults.shapes.retryAfterSeconds) };
  const busy = "The service is temporarily unavailable. Please try again.";
  if (faults.maintenanceUntil(clock.now()) !== undefined) {
    faults.count("maintenance");
    return refusal(503, "ServiceUnavailable", "The stamp is under maintenance.", retryAfter);
  }
  if (route?.isOpen !== true && request.caller !== undefined && faults.occurs("expiredToken")) {
    return unauthenticated(signIn);
  }
  if (faults.occurs("tooManyRequests")) return refusal(429, "TooManyRequests", "Too many requests.", retryAfter);
  if (faults.occurs("unavailable")) return refusal(503, "ServiceUnavailable", busy, retryAfter);
  if (faults.occurs("unavailableWithoutRetryAfter")) return refusal(503, "ServiceUnavailable", busy);
  return undefined;
}

function headersOf({ timeline, seed, requests }: HubState, shownMs: InstantMs): Record<string, string> {
  const id = guid(seed, 0x1d, requests());
  const compact = formatInstant(Math.floor(shownMs / 1_000) * 1_000).replaceAll(/[-:]/g, "");
  return {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    date: dateOf(shownMs).toUTCString(),
    "x-ms-request-id": id,
    "x-ms-correlation-request-id": id,
    "x-ms-routing-request-id": `${timeline.stamp.location.toUpperCase()}:${compact}:${id}`,
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
  };
}

async function send(hub: HubState, response: ServerResponse, answer: Answer, mayFail: boolean): Promise<void> {
  const { faults, clock } = hub;
  const skews = mayFail && faults.rates().clockSkew > 0;
  if (skews) faults.count("clockSkew");
  const shownMs = clock.now() + (skews ? faults.shapes.clockSkewMs : 0);
  const headers = { ...headersOf(hub, shownMs), ...answer.headers };
  if (typeof answer.body !== "string") {
    response.writeHead(answer.status, headers);
    await pipeline(Readable.from(answer.body), response);
    return;
  }
  const bytes = Buffer.from(answer.body);
  if (mayFail && faults.occurs("slow")) await wait(faults.shapes.slowMs);
  if (mayFail && faults.occurs("cutConnection")) {
    response.writeHead(answer.status, { ...headers, "content-length": String(bytes.length) });
    response.write(bytes.subarray(0, bytes.length >>> 1), () => response.destroy());
    return;
  }
  const sent = mayFail && faults.occurs("truncatedBody") ? bytes.subarray(0, bytes.length >>> 1) : bytes;
  response.writeHead(answer.status, { ...headers, "content-length": String(sent.length) });
  response.end(sent);
}
