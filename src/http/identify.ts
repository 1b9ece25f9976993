import type { Socket } from "node:net";
import type { FastifyRequest } from "fastify";
import { LOCAL_ADMINISTRATOR, type Principal } from "../domain/access/caller.ts";
import type { Authenticate, SignedIn } from "./route.ts";
import { correlationOf } from "./server.ts";

/** Connections of the socket in the data folder: whoever can open it can read and write the folder anyway. */
const localSockets = new WeakSet<Socket>();

export const trustSocket = (socket: Socket): void => void localSockets.add(socket);

const isLocal = ({ raw }: FastifyRequest): boolean => localSockets.has(raw.socket);

/** What a request shows of its caller: equal ones come from the same caller. Undefined where there is nothing. */
export function credentialOf(request: FastifyRequest): string | undefined {
  if (isLocal(request)) return "local";
  const { authorization = "" } = request.headers;
  return authorization === "" ? undefined : `header ${authorization}`;
}

/** Somebody whose token is good until then. */
export interface CheckedToken {
  readonly principal: Principal;
  readonly untilMs: number;
}

/** Checks the value of an Authorization header. Throws a Fault of kind `unauthenticated`. */
export type TokenCheck = (authorization: string | undefined) => Promise<CheckedToken>;

/** Whoever comes through the local socket is the administrator of this machine; all others show a token. */
export const identify =
  (checkToken: TokenCheck): Authenticate =>
  async (request: FastifyRequest): Promise<SignedIn> => {
    const correlationId = correlationOf(request);
    if (isLocal(request)) {
      const caller = { ...LOCAL_ADMINISTRATOR, address: "local", correlationId };
      return { caller, untilMs: Number.POSITIVE_INFINITY };
    }
    const { principal, untilMs } = await checkToken(request.headers.authorization);
    return { caller: { ...principal, address: request.ip, correlationId }, untilMs };
  };
