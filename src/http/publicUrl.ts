import type { FastifyRequest } from "fastify";
import type { Context } from "../operations/context.ts";

/** How clients reach this server: as the operator says, else as this client did. Without a slash at the end. */
export const publicUrlOf = ({ publicUrl }: Pick<Context, "publicUrl">, request: FastifyRequest): string =>
  publicUrl === "" ? `${request.protocol}://${request.host}` : publicUrl.replace(/\/+$/, "");
