import type { FastifyRequest } from "fastify";
import { mustBeCommerceVersion } from "../arm/apiVersions.ts";
import { queryOf } from "../arm/request.ts";
import { Fault, isFault } from "../domain/faults/fault.ts";
import type { Access, Answer, Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";

/** A route of Microsoft.Commerce or Microsoft.Commerce.Admin. */
export interface CommerceRoute extends Pick<Route, "path" | "summary" | "query"> {
  readonly access: "signed-in" | Access;
  /** Whether there is such a subscription here. */
  readonly front?: (context: Context, request: FastifyRequest) => Promise<void>;
  readonly run: (context: Context, request: FastifyRequest) => Promise<Answer>;
}

/** Puts the checks of the Commerce APIs before a route; their errors are a Hub's (contract/usage.md §4). */
export const commerceRoute = ({ front, run, query, ...route }: CommerceRoute): Route => ({
  ...route,
  method: "GET",
  query: { "api-version": "2015-06-01-preview", ...query },
  gateway: "checks",
  front: async (context, request) => {
    mustBeCommerceVersion(queryOf(request, "api-version"));
    await front?.(context, request);
  },
  run: async (context, request) => {
    try {
      return await run(context, request);
    } catch (error) {
      if (!isFault(error) || error.code !== "UsageEngineUnavailable") throw error;
      throw new Fault("ServiceUnavailable", { reason: String(error.params["reason"]) }, { cause: error });
    }
  },
});
