import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { Fault } from "../domain/faults/fault.ts";
import { isSafeUrl, type TrustedIssuer } from "../domain/identity/trustedIssuer.ts";
import { LIMITS } from "../domain/limits.ts";
import type { Clock, InstantMs } from "../lib/instant.ts";

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

/** Reads a small JSON object. Redirects could lead anywhere and are not followed. */
async function fetchJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(LIMITS.issuerTimeoutMsMax),
  });
  if (response.status !== 200) throw new Error(`${new URL(url).host} answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > LIMITS.issuerBodyBytesMax) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  if (typeof value !== "object" || value === null) throw new Error("the answer is no JSON object");
  return value as Record<string, unknown>;
}

async function fetchKeys({ issuer, discoveryUrl }: TrustedIssuer): Promise<LocalKeys> {
  const { issuer: named, jwks_uri: keysUrl } = await fetchJson(discoveryUrl);
  if (named !== issuer) throw new Error(`its configuration is of issuer '${String(named)}'`);
  if (typeof keysUrl !== "string" || !isSafeUrl(keysUrl)) throw new Error("its jwks_uri is not https");
  const { keys } = await fetchJson(keysUrl);
  if (!Array.isArray(keys) || keys.length > LIMITS.issuerKeysMax) throw new Error("its key set cannot be used");
  return createLocalJWKSet({ keys });
}

/**
 * The keys of an issuer outside: fetched when they are needed, kept for a while, and fetched again when a token names
 * an unknown one, which is how a rotation shows; never more often than `issuerPauseMsMin`.
 */
export class TrustedKeys {
  readonly #issuer: TrustedIssuer;
  readonly #clock: Clock;
  #keys: LocalKeys | undefined;
  #fetchedAtMs: InstantMs = Number.NEGATIVE_INFINITY;
  #triedAtMs: InstantMs = Number.NEGATIVE_INFINITY;
  #failure = "";
  #fetching: Promise<void> | undefined;

  constructor(issuer: TrustedIssuer, clock: Clock) {
    this.#issuer = issuer;
    this.#clock = clock;
  }

  /** @throws Fault IssuerUnavailable; what jose throws when no key fits */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined || this.#clock.now() - this.#fetchedAtMs >= LIMITS.issuerKeepMsMax) {
      await this.#refresh();
    }
    try {
      return await this.#usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.#refresh())) throw error;
      return await this.#usable()(header, token);
    }
  };

  #usable(): LocalKeys {
    const isFresh = this.#clock.now() - this.#fetchedAtMs < LIMITS.issuerKeepMsMax;
    if (this.#keys !== undefined && isFresh) return this.#keys;
    throw new Fault("IssuerUnavailable", { issuer: this.#issuer.issuer, reason: this.#failure });
  }

  /** False when it was tried a moment ago. */
  async #refresh(): Promise<boolean> {
    if (this.#fetching === undefined) {
      const nowMs = this.#clock.now();
      if (nowMs - this.#triedAtMs < LIMITS.issuerPauseMsMin) return false;
      this.#triedAtMs = nowMs;
      this.#fetching = this.#fetch(nowMs).finally(() => (this.#fetching = undefined));
    }
    await this.#fetching;
    return true;
  }

  async #fetch(nowMs: InstantMs): Promise<void> {
    try {
      this.#keys = await fetchKeys(this.#issuer);
      this.#fetchedAtMs = nowMs;
    } catch (error) {
      const { message, cause } = error as Error;
      this.#failure = cause instanceof Error ? cause.message : message;
    }
  }
}
