import { isFault } from "../domain/faults/fault.ts";
import type { Answer, Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import type { Context } from "../operations/context.ts";

const state = async (ping: () => Promise<void>): Promise<string> => {
  try {
    await ping();
    return "ok";
  } catch (error) {
    return isFault(error) ? error.message : "failed";
  }
};

/** How the upstream resolver fares: trouble there refuses some mappings, and nothing else. */
function resolverDetails({ resolver }: Context) {
  const health = resolver.health();
  if (health === undefined) return { upstream: false };
  const { lastFailure, ...rest } = health;
  const failure = lastFailure && { reason: lastFailure.reason, at: formatInstant(lastFailure.atMs) };
  return { upstream: true, ...rest, lastFailure: failure };
}

/** Ready means: every store answers. */
async function ready(context: Context): Promise<Answer> {
  const { control, usage } = context;
  const [controlState, usageState] = await Promise.all([state(() => control.ping()), state(() => usage.ping())]);
  const isReady = controlState === "ok" && usageState === "ok";
  return {
    status: isReady ? 200 : 503,
    body: {
      ready: isReady,
      control: controlState,
      usage: usageState,
      details: { resolver: resolverDetails(context) },
    },
  };
}

export const healthRoutes = (version: string): readonly Route[] => [
  {
    method: "GET",
    path: "/healthz",
    summary: "The process lives.",
    access: "public",
    run: async () => ({ status: 200, body: { live: true } }),
  },
  {
    method: "GET",
    path: "/readyz",
    summary: "Every store answers; 503 and why, if not.",
    access: "public",
    run: ready,
  },
  {
    method: "GET",
    path: "/v1/version",
    summary: "The version of this server.",
    access: "public",
    run: async () => ({ status: 200, body: { version } }),
  },
];
