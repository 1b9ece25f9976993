import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";

export const OUTSIDE_AUDIENCE = "api://stampbook";

export interface OutsideIssuer {
  readonly url: string;
  /** A good token until claims say otherwise; undefined ones are left out. */
  token(nowMs: number, claims: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

/** An OpenID Connect issuer of somebody else, over HTTP on this machine. */
export async function outsideIssuer(): Promise<OutsideIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }];
  const server = createServer((request, response) => {
    const body = request.url === "/keys" ? { keys } : { issuer: url, jwks_uri: `${url}/keys` };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token: (nowMs, claims) => {
      const good = { iss: url, aud: OUTSIDE_AUDIENCE, sub: "s", exp: nowMs / 1_000 + 600 };
      const given = Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined);
      return new SignJWT(Object.fromEntries(given)).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(privateKey);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
