import type { FastifyRequest } from "fastify";
import type { Context } from "../operations/context.ts";

/** How this client reaches the server, as far as that is a name of ours. Without a slash at the end. */
export const publicUrlOf = ({ signIn }: Pick<Context, "signIn">, request: FastifyRequest): string =>
  signIn.urls.of(request.host);
