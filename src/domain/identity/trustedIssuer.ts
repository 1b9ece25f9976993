import { LIMITS } from "../limits.ts";
import { isLoopback } from "./credential.ts";

/** An OpenID Connect issuer outside, whose tokens are taken. */
export interface TrustedIssuer {
  /** Exactly as `iss` in its tokens. */
  readonly issuer: string;
  /** What `aud` of its tokens may be. */
  readonly audiences: readonly string[];
  /** What `tid` of its tokens must be; any when undefined. */
  readonly tenant: string | undefined;
  /** Where its configuration is, if not below the issuer itself. */
  readonly discoveryUrl: string;
}

/** Keys that travel in the clear could be anybody's. */
export const isSafeUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
};

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function readOne(value: unknown): TrustedIssuer | string {
  const { issuer, audiences, tenant, discoveryUrl } = (value ?? {}) as Record<string, unknown>;
  if (!isText(issuer)) return "each issuer needs 'issuer', the URL in its tokens";
  if (!Array.isArray(audiences) || audiences.length === 0 || !audiences.every(isText)) {
    return `'${issuer}' needs 'audiences', a list of at least one`;
  }
  if (tenant !== undefined && !isText(tenant)) return `'tenant' of '${issuer}' is not a text`;
  const discovery = discoveryUrl ?? `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  if (!isText(discovery) || !isSafeUrl(discovery)) return `'${issuer}' must be https, or http on this machine`;
  return { issuer, audiences, tenant: tenant?.toLowerCase(), discoveryUrl: discovery };
}

/**
 * Reads the setting `oidcIssuers`: a JSON list of `{ issuer, audiences, tenant?, discoveryUrl? }`. Tells what is wrong
 * with it as a text.
 */
export function readIssuers(text: string): readonly TrustedIssuer[] | string {
  if (text === "") return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  if (!Array.isArray(list)) return "it must be a JSON list";
  if (list.length > LIMITS.trustedIssuersMax) return `more than ${LIMITS.trustedIssuersMax} issuers`;
  const issuers: TrustedIssuer[] = [];
  for (const entry of list) {
    const issuer = readOne(entry);
    if (typeof issuer === "string") return issuer;
    if (issuers.some((known) => known.issuer === issuer.issuer)) return `'${issuer.issuer}' is there twice`;
    issuers.push(issuer);
  }
  return issuers;
}
