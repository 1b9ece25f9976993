import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { METHODS, methodsFor, patternsOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { COMMERCE_TYPES, invalidResourceType, NAMESPACE } from "./apiVersions.ts";
import { armRoute, GROUP, SUBSCRIPTION } from "./armRoute.ts";
import { queryOf } from "./request.ts";

const SERVED = [NAMESPACE, ...Object.keys(COMMERCE_TYPES)];

const pathOf = (request: FastifyRequest): string => request.url.split("?")[0]!;

/** The type that a path below `providers/Namespace` names: every other part, from the first one on. */
function namedType(rest: string): readonly [namespace: string, type: string] {
  const [namespace = "", ...parts] = rest.split("/").filter((part) => part !== "");
  return [namespace, parts.filter((_, i) => i % 2 === 0).join("/")];
}

/**
 * What is answered where nothing else is: an address that knows other methods, a type that the namespace does not
 * have, or a namespace that is not served (contract/registration.md §7.2).
 */
export function unknownRoutes(known: readonly Route[]): readonly Route[] {
  const patterns = patternsOf(known);
  const run = async (_context: Context, request: FastifyRequest): Promise<never> => {
    const path = pathOf(request);
    const allowed = methodsFor(path, patterns);
    if (allowed.length > 0) {
      throw new Fault("MethodNotAllowed", { method: request.method, path, allowed: allowed.join(", ") });
    }
    const [, rest = ""] = /\/providers\/(.*)$/i.exec(path) ?? [];
    const [namespace, type] = namedType(rest);
    const served = SERVED.find((name) => name.toLowerCase() === namespace.toLowerCase());
    if (served === undefined) throw new Fault("InvalidResourceNamespace", { namespace });
    throw invalidResourceType(type, queryOf(request, "api-version") ?? "", served);
  };
  const summary = "Anything else: says what is wrong with the address.";
  return METHODS.filter((method) => method !== "HEAD").flatMap((method) => [
    armRoute({ method, path: `${GROUP}/providers/*`, summary, lockFree: true, run }),
    armRoute({ method, path: `${SUBSCRIPTION}/providers/*`, summary, lockFree: true, run }),
    armRoute({ method, path: "/providers/*", summary, run }),
  ]);
}
