import type { FastifyRequest } from "fastify";

/** A parameter of the path, decoded; empty when the route has none of that name. */
export const paramOf = (request: FastifyRequest, name: string): string =>
  (request.params as Readonly<Record<string, string | undefined>>)[name] ?? "";
