import type { Socket } from "node:net";
import type { FastifyRequest } from "fastify";
import { type Caller, LOCAL_ADMINISTRATOR, type Principal } from "../domain/access/caller.ts";
import type { Authenticate } from "./route.ts";
import { correlationOf } from "./server.ts";

/** Connections of the socket in the data folder: whoever can open it can read and write the folder anyway. */
const localSockets = new WeakSet<Socket>();

export const trustSocket = (socket: Socket): void => void localSockets.add(socket);

/** Checks the value of an Authorization header. Throws a Fault of kind `unauthenticated`. */
export type TokenCheck = (authorization: string | undefined) => Promise<Principal>;

/** Whoever comes through the local socket is the administrator of this machine; all others show a token. */
export const identify =
  (checkToken: TokenCheck): Authenticate =>
  async (request: FastifyRequest): Promise<Caller> => {
    const correlationId = correlationOf(request);
    if (localSockets.has(request.raw.socket)) return { ...LOCAL_ADMINISTRATOR, address: "local", correlationId };
    const principal = await checkToken(request.headers.authorization);
    return { ...principal, address: request.ip, correlationId };
  };
