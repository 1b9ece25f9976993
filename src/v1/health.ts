import type { Answer, Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import type { StoragePart } from "../operations/storageState.ts";
import type { Context } from "../operations/context.ts";

/** How the upstream resolver fares: trouble there refuses some mappings, and nothing else. */
function resolverDetails({ resolver }: Context) {
  const health = resolver.health();
  if (health === undefined) return { upstream: false };
  const { lastFailure, ...rest } = health;
  const failure = lastFailure && { reason: lastFailure.reason, at: formatInstant(lastFailure.atMs) };
  return { upstream: true, ...rest, lastFailure: failure };
}

/** Ready means: everything can be kept and read. */
async function ready(context: Context): Promise<Answer> {
  const troubles = await context.storage.troubles();
  const stateOf = (part: StoragePart): string => troubles.find((trouble) => trouble.part === part)?.reason ?? "ok";
  const problems = troubles.map(({ sinceMs, ...so }) => ({ ...so, since: formatInstant(sinceMs) }));
  return {
    status: problems.length === 0 ? 200 : 503,
    body: {
      ready: problems.length === 0,
      control: stateOf("control store"),
      usage: stateOf("usage store"),
      details: { resolver: resolverDetails(context), ...(problems.length === 0 ? {} : { problems }) },
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
    summary: "Everything can be kept and read; 503 and what is wrong, since when and what to do, if not.",
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
