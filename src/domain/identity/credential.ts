/** Public clients have no secret: programs on somebody's desk, and pages in a browser. */
export const CREDENTIAL_KINDS = ["Application", "User", "PublicClient"] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Somebody whom the built-in issuer knows. */
export interface Credential {
  /** GUID of an application or public client, name of a user. */
  readonly clientId: string;
  readonly kind: CredentialKind;
  /** GUID: what roles are granted to. */
  readonly objectId: string;
  readonly displayName: string;
  /** As lib/secret.ts makes it; empty for a public client. */
  readonly secretHash: string;
  /** Where a browser may be sent back to after the sign-in. */
  readonly redirectUris: readonly string[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly revokedAtMs: number | null;
}

export type Client = Pick<Credential, "clientId" | "kind" | "redirectUris" | "secretHash">;

const wellKnown = (clientId: string): Client => ({
  clientId,
  kind: "PublicClient",
  redirectUris: ["http://localhost", "http://127.0.0.1"],
  secretHash: "",
});

/** Tools that come with their own client id, which cannot be configured: az, and Azure PowerShell. */
export const WELL_KNOWN_CLIENTS: readonly Client[] = [
  wellKnown("04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
  wellKnown("1950a258-227b-4e31-a9cf-717495945fc2"),
];

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname);

/** Why a redirect URI cannot be registered; undefined when it can. */
export function redirectUriProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return "it is no URL";
  const url = new URL(text);
  if (url.hash !== "") return "it has a fragment";
  if (url.username !== "" || url.password !== "") return "it holds a user name or password";
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url))) return undefined;
  return "it must be https, or http on this machine";
}

/** Exactly as registered; a program on the same machine may take any port (RFC 8252 §7.3). */
export function mayRedirect(registered: readonly string[], given: string): boolean {
  if (redirectUriProblem(given) !== undefined) return false;
  return registered.some((text) => {
    if (text === given) return true;
    const [wanted, url] = [new URL(text), new URL(given)];
    if (wanted.protocol !== "http:" || !isLoopback(wanted) || wanted.port !== "") return false;
    return wanted.hostname === url.hostname && wanted.pathname === url.pathname && url.protocol === "http:";
  });
}
