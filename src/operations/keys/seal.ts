import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "../context.ts";
import { currentKey } from "./signingKeys.ts";

type KeyContext = Pick<Context, "control" | "clock" | "locks">;

async function sealOf(context: KeyContext, place: string, text: string): Promise<Buffer> {
  const { privateJwk } = await currentKey(context, "page-token");
  const key = Buffer.from(String(privateJwk["k"]), "base64url");
  return createHmac("sha256", key).update(`${place}\n${text}`).digest();
}

/**
 * A text that a client carries to us and back, as a token that nobody else can make up.
 * @param place what it is for: elsewhere it does not open
 */
export async function sealed(context: KeyContext, place: string, text: string): Promise<string> {
  const seal = await sealOf(context, place, text);
  return `${Buffer.from(text).toString("base64url")}.${seal.toString("base64url")}`;
}

/** The text of a token; undefined where it is none that was made for this place. */
export async function unsealed(context: KeyContext, place: string, token: string): Promise<string | undefined> {
  const [body = "", signature = ""] = token.split(".");
  const text = Buffer.from(body, "base64url").toString("utf8");
  const given = Buffer.from(signature, "base64url");
  const right = await sealOf(context, place, text);
  return given.length === right.length && timingSafeEqual(given, right) ? text : undefined;
}
