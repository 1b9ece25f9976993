import type { Answer } from "../../http/route.ts";
import { SECOND_MS } from "../../lib/instant.ts";

/** Every code of a refused sign-in; the standards' own, but for `invalid_tenant`, which Entra has. */
export const OAUTH_ERROR_CODES = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "invalid_scope",
  "invalid_tenant",
  "unsupported_grant_type",
  "unsupported_response_type",
  "login_required",
  "temporarily_unavailable",
] as const;
export type OAuthErrorCode = (typeof OAUTH_ERROR_CODES)[number];

/** A no of the token endpoint; clients of OAuth expect it in this shape and not in Azure's (RFC 6749 §5.2). */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: OAuthErrorCode,
    description: string,
    { status = 400, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super(description);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

export const tooMany = (waitMs: number): OAuthError =>
  new OAuthError("temporarily_unavailable", "Too many attempts; try again later.", {
    status: 429,
    headers: { "retry-after": String(Math.max(1, Math.ceil(waitMs / SECOND_MS))) },
  });

/** Nothing of a sign-in may be kept by anybody on the way. */
export const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" };

export const oauthRefusal = ({ code, message, status, headers }: OAuthError): Answer => ({
  status,
  headers: { ...NO_STORE, ...headers },
  body: { error: code, error_description: message },
});
