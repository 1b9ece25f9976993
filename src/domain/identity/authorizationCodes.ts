import { sha256 } from "../../lib/digest.ts";
import type { InstantMs } from "../../lib/instant.ts";

/** What a user has agreed to by signing in, until the program comes for its token. */
export interface Grant {
  readonly clientId: string;
  readonly redirectUri: string;
  /** S256 of the program's verifier (RFC 7636). */
  readonly codeChallenge: string;
  readonly userClientId: string;
  readonly audience: string;
  /** Whether an id token was asked for, and with which nonce. */
  readonly openId: boolean;
  readonly nonce: string | undefined;
}

/** Authorization codes that wait to be exchanged, each once. They are not kept over a restart. */
export class AuthorizationCodes {
  readonly #grants = new Map<string, Grant & { readonly expiresAtMs: InstantMs }>();
  readonly #limits: { readonly countMax: number; readonly lifeMs: number };

  constructor(limits: { readonly countMax: number; readonly lifeMs: number }) {
    this.#limits = limits;
  }

  keep(code: string, grant: Grant, nowMs: InstantMs): void {
    if (this.#grants.size >= this.#limits.countMax) this.#grants.delete(this.#grants.keys().next().value!);
    this.#grants.set(sha256(code), { ...grant, expiresAtMs: nowMs + this.#limits.lifeMs });
  }

  /** Undefined when the code is unknown, used already or too old. */
  take(code: string, nowMs: InstantMs): Grant | undefined {
    const key = sha256(code);
    const grant = this.#grants.get(key);
    this.#grants.delete(key);
    return grant !== undefined && grant.expiresAtMs > nowMs ? grant : undefined;
  }
}
