import { type RemoteEndpoint, send } from "./transport.ts";

/** The server did not give a token for the credential. */
export class SignInRefused extends Error {}

export interface ClientCredential {
  readonly clientId: string;
  readonly secret: string;
}

/** A token is asked for anew when it has less than this left. */
const MARGIN_S = 60;

/**
 * Gives tokens for a credential at a server's own issuer, one after another as they end. The functions throw
 * `SignInRefused`, and `Unreachable` where there is no answer.
 */
export function tokensFor(server: RemoteEndpoint, { clientId, secret }: ClientCredential): () => Promise<string> {
  let current: { readonly token: string; readonly endsAtS: number } | undefined;
  return async () => {
    const nowS = performance.now() / 1_000;
    if (current !== undefined && nowS < current.endsAtS - MARGIN_S) return current.token;
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: secret };
    const { token: _, ...endpoint } = server;
    const { status, body } = await send(endpoint, { method: "POST", path: "/adfs/oauth2/token", form });
    const answer = (body ?? {}) as { access_token?: string; expires_in?: number; error_description?: string };
    if (status !== 200 || answer.access_token === undefined) {
      throw new SignInRefused(answer.error_description ?? `it answered ${status}`);
    }
    current = { token: answer.access_token, endsAtS: nowS + (answer.expires_in ?? 0) };
    return current.token;
  };
}
