import { randomBytes } from "node:crypto";
import type { Context } from "../context.ts";

const keys = new WeakMap<Context, Promise<Buffer>>();

/** The secret that page tokens are sealed with; made at its first use and kept. */
export function pageKey(context: Context): Promise<Buffer> {
  let key = keys.get(context);
  if (key === undefined) {
    key = readOrMake(context);
    keys.set(context, key);
    key.catch(() => keys.delete(context));
  }
  return key;
}

async function readOrMake({ control, clock }: Context): Promise<Buffer> {
  return await control.transaction(async ({ signingKeys }) => {
    const [known] = await signingKeys.list("page-token");
    if (known !== undefined) return Buffer.from(String(known.privateJwk["k"]), "base64url");
    const secret = randomBytes(32);
    await signingKeys.add({
      kid: randomBytes(16).toString("hex"),
      purpose: "page-token",
      algorithm: "HS256",
      privateJwk: { kty: "oct", k: secret.toString("base64url") },
      createdAtMs: clock.now(),
      retiredAtMs: null,
    });
    return secret;
  });
}
