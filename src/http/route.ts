import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import type { Caller, Context } from "../operations/context.ts";
import { streamed } from "./server.ts";
import { drain, giveUpWhenIdle } from "./usageBody.ts";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** One route of a face; docs/reference/routes.md is generated from these. */
export interface Route {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** In fastify's notation: `:name` is a parameter. */
  readonly path: string;
  readonly summary: string;
  /** Query parameters and what they are for. */
  readonly query?: Readonly<Record<string, string>>;
  /** Shape of a JSON body. */
  readonly body?: TSchema;
  /** The body is not JSON and is read as a stream; says what it is. */
  readonly streams?: string;
  readonly run: (context: Context, request: FastifyRequest) => Promise<Answer>;
}

/** Who calls. There is no sign-in yet, so it is always somebody on this machine. */
export const callerOf = (_request: FastifyRequest): Caller => ({ name: "local" });

export function addRoutes(server: FastifyInstance, routes: readonly Route[], context: Context): void {
  for (const { method, path, body, streams, run } of routes) {
    server.route({
      method,
      url: path,
      ...(body === undefined ? {} : { schema: { body } }),
      ...(streams === undefined ? {} : { config: streamed }),
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        if (streams !== undefined) giveUpWhenIdle(request.raw);
        try {
          const answer = await run(context, request);
          return await reply.code(answer.status).send(answer.body);
        } finally {
          if (streams !== undefined) drain(request.raw);
        }
      },
    });
  }
}
