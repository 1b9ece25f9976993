import type { FastifyRequest } from "fastify";
import type { Context } from "../operations/context.ts";
import { sealed, unsealed } from "../operations/keys/seal.ts";
import { callerOf } from "./route.ts";

/** A token is for one caller and one collection. */
const placeOf = (request: FastifyRequest, path: string): string => {
  const { issuer, objectId } = callerOf(request);
  return `usage ${path.toLowerCase()} ${issuer ?? ""} ${objectId}`;
};

/**
 * What a page follows from, as a token that only the same caller can go on with, and only in the same collection.
 * @param path of the collection, in its plain spelling
 * @param asked as JSON can tell it
 */
export const pageToken = (
  context: Context,
  request: FastifyRequest,
  { path, asked }: { readonly path: string; readonly asked: object },
): Promise<string> => sealed(context, placeOf(request, path), JSON.stringify(asked));

/** What `pageToken` was given; undefined where this caller did not get the token for this collection. */
export async function askedBefore<Asked extends object>(
  context: Context,
  request: FastifyRequest,
  { path, token }: { readonly path: string; readonly token: string },
): Promise<Asked | undefined> {
  const text = await unsealed(context, placeOf(request, path), token);
  // What opens was written by us.
  return text === undefined ? undefined : (JSON.parse(text) as Asked);
}
