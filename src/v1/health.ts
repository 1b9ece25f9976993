import { isFault } from "../domain/faults/fault.ts";
import type { Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";

const state = async (ping: () => Promise<void>): Promise<string> => {
  try {
    await ping();
    return "ok";
  } catch (error) {
    return isFault(error) ? error.message : "failed";
  }
};

/** Ready means: every store answers. */
async function ready({ control, usage }: Context): Promise<Answer> {
  const [controlState, usageState] = await Promise.all([state(() => control.ping()), state(() => usage.ping())]);
  const isReady = controlState === "ok" && usageState === "ok";
  return { status: isReady ? 200 : 503, body: { ready: isReady, control: controlState, usage: usageState } };
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
