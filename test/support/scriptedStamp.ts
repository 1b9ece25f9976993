import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseInstant } from "../../src/lib/instant.ts";

/** What a stamp does with one request instead of answering it; undefined answers it. */
export type Mishap = (request: URL, response: ServerResponse) => boolean;

export interface ScriptedStamp {
  readonly url: string;
  /** What its clock shows. */
  nowMs: number;
  /** Texts of the rows by the start of their reported hour. */
  readonly rows: Map<number, string[]>;
  readonly subscriptions: { subscriptionId: string; tenantId: string }[];
  /** Carried out one after the other, each by the first request that it wants. */
  readonly mishaps: Mishap[];
  /** Paths with their queries, in the order they came. */
  readonly asked: URL[];
  /** A token is good for so many requests. */
  tokenUses: number;
  close(): Promise<void>;
}

const PAGE_ROWS = 2;

/** A stamp of few rows whose every answer a test decides; on this machine, without TLS. */
export async function startScriptedStamp(nowMs: number): Promise<ScriptedStamp> {
  let [tokens, usesLeft] = [0, 0];
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stamp: ScriptedStamp = {
    url,
    nowMs,
    rows: new Map(),
    subscriptions: [],
    mishaps: [],
    asked: [],
    tokenUses: Number.POSITIVE_INFINITY,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return stamp;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const asked = new URL(request.url!, url);
    response.sendDate = false;
    response.setHeader("date", new Date(stamp.nowMs).toUTCString());
    stamp.asked.push(asked);
    const mishap = stamp.mishaps.findIndex((so) => so(asked, response));
    if (mishap !== -1) stamp.mishaps.splice(mishap, 1);
    else if (asked.pathname.startsWith("/metadata")) {
      say(response, { authentication: { loginEndpoint: `${url}/adfs`, audiences: ["https://stamp"] } });
    } else if (asked.pathname === "/adfs/oauth2/token") {
      [tokens, usesLeft] = [tokens + 1, stamp.tokenUses];
      say(response, { access_token: `token-${tokens}`, expires_in: "3600" });
    } else if (request.headers.authorization !== `Bearer token-${tokens}` || usesLeft-- <= 0) {
      say(response, { error: { code: "AuthenticationFailed", message: "the token has ended" } }, 401);
    } else if (asked.pathname.endsWith("/subscriptions")) say(response, { value: stamp.subscriptions });
    else page(asked, response);
  }

  function page(asked: URL, response: ServerResponse): void {
    const [start, end] = ["reportedStartTime", "reportedEndTime"].map(
      (name) => parseInstant(asked.searchParams.get(name)!)!,
    );
    if (end! > stamp.nowMs) {
      say(response, { error: { code: "RequestEndTimeIsInFuture", message: "it is in the future" } }, 400);
      return;
    }
    const subscriber = asked.searchParams.get("subscriberId") ?? "";
    const rows = (stamp.rows.get(start!) ?? []).filter((row) => row.includes(`"subscriptionId":"${subscriber}`));
    const from = Number.parseInt(asked.searchParams.get("continuationToken") ?? "0", 10);
    const next = new URL(asked);
    next.searchParams.set("continuationToken", String(from + PAGE_ROWS));
    const link = from + PAGE_ROWS < rows.length ? `,"nextLink":${JSON.stringify(next.href)}` : "";
    response.setHeader("content-type", "application/json");
    response.end(`{"value":[${rows.slice(from, from + PAGE_ROWS).join(",")}]${link}}`);
  }
}

function say(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

const isUsage = (asked: URL): boolean => asked.pathname.endsWith("/subscriberUsageAggregates");

/** Says a status to the next query of usage. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Mishap =>
  (asked, response) => {
    if (!isUsage(asked)) return false;
    response.writeHead(code, headers).end('{"error":{"code":"Trouble","message":"on purpose"}}');
    return true;
  };

/** The same to the next query of all tenants. */
export const tooSlow: Mishap = (asked, response) =>
  !asked.searchParams.has("subscriberId") && status(504)(asked, response);

/** Ends the body of the next query of usage in the middle, and nothing tells that there was more. */
export const truncated: Mishap = (asked, response) => {
  if (isUsage(asked)) response.end('{"value":[{"id":"a","properties":{"subscr');
  return isUsage(asked);
};

/** Cuts the connection in the middle of the body. */
export const cut: Mishap = (asked, response) => {
  if (!isUsage(asked)) return false;
  response.writeHead(200, { "content-length": "1000" }).write('{"value":[]');
  setImmediate(() => response.destroy());
  return true;
};
