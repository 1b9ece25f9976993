import type { Gate } from "../../lib/gate.ts";
import type { Attempts } from "./attempts.ts";
import type { FailureRecords } from "./failureRecords.ts";
import type { AuthorizationCodes } from "./authorizationCodes.ts";
import type { TrustedIssuer } from "./trustedIssuer.ts";

/** Where this server is reached. Known once it listens; until then there is only a name for it. */
export class OwnUrls {
  #urls: readonly string[] = ["https://localhost"];

  /** @param urls without a slash at the end; the first is the one that others are told */
  set(urls: readonly [string, ...string[]]): void {
    this.#urls = urls.map((url) => url.toLowerCase());
  }

  get all(): readonly string[] {
    return this.#urls;
  }

  /** The URL that a request came to, if it is one of ours; nobody makes us speak of another by a Host header. */
  of(host: string): string {
    const known = this.#urls.find((url) => new URL(url).host === host.toLowerCase());
    return known ?? this.#urls[0]!;
  }
}

/** How people and programs sign in here. */
export interface SignIn {
  readonly urls: OwnUrls;
  /** Id of the built-in issuer's own directory. */
  readonly directory: string;
  readonly builtIn: boolean;
  readonly passwordGrant: boolean;
  /** Audiences beside our own URLs and Azure's. */
  readonly audiences: readonly string[];
  readonly issuers: readonly TrustedIssuer[];
  readonly attempts: Attempts;
  /** How many failures the audit takes yet, and how many it did not. */
  readonly failures: FailureRecords;
  readonly codes: AuthorizationCodes;
  /** Checking a secret is made to be expensive. */
  readonly secretChecks: Gate;
}

/** SDKs ask for a token for Azure also where another endpoint was given (contract/registration.md §8.1). */
const AZURE_AUDIENCES = ["https://management.azure.com", "https://management.core.windows.net"];

const bare = (audience: string): string => audience.toLowerCase().replace(/\/+$/, "");

/** Whether a token for this audience is for us; with and without a slash at the end. */
export function isOurAudience({ urls, audiences }: Pick<SignIn, "urls" | "audiences">, audience: string): boolean {
  const wanted = bare(audience);
  return [...urls.all, ...AZURE_AUDIENCES, ...audiences].some((known) => bare(known) === wanted);
}

/** What the built-in issuer calls itself in its tokens: like ADFS, and like Entra in its first and second version. */
export const issuersAt = (base: string, directory: string) => ({
  adfs: `${base}/adfs`,
  v1: `${base}/${directory}/`,
  v2: `${base}/${directory}/v2.0`,
});

export const isOurIssuer = ({ urls, directory }: Pick<SignIn, "urls" | "directory">, issuer: string): boolean =>
  urls.all.some((base) => Object.values(issuersAt(base, directory)).includes(issuer));
