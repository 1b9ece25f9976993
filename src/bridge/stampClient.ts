import { retryAfterMs } from "../domain/bridge/retry.ts";
import { skewMs } from "../domain/bridge/skew.ts";
import { isSafeUrl } from "../domain/identity/trustedIssuer.ts";
import type { Clock } from "../lib/instant.ts";
import type { Credential } from "./credentialFile.ts";
import { callHttp, type HttpAnswer, type HttpEndpoint } from "./stampHttp.ts";
import { Trouble } from "./trouble.ts";

export interface StampAccess {
  readonly adminUrl: string;
  readonly endpoint: HttpEndpoint;
  readonly credential: Credential;
  /** Empty: asked of the stamp. */
  readonly tokenUrl: string;
  readonly audience: string;
}

interface Issuer {
  readonly tokenUrl: string;
  readonly audience: string;
}

/** A token is asked for anew when it has less than this left. */
const MARGIN_S = 60;

/** Speaks to a stamp's administrator Resource Manager with tokens of its own issuer. */
export class StampClient {
  readonly #access: StampAccess;
  readonly #clock: Clock;
  readonly #onSkew: (ms: number) => void;
  #issuer: Issuer | undefined;
  #token: { readonly text: string; readonly endsAtS: number } | undefined;

  constructor(access: StampAccess, clock: Clock, onSkew: (ms: number) => void) {
    this.#access = access;
    this.#clock = clock;
    this.#onSkew = onSkew;
  }

  /**
   * The body of a good answer. A link has to lead back to the stamp: the token goes with it.
   * @throws Trouble
   */
  async get(link: string): Promise<Buffer> {
    const url = URL.canParse(link, this.#access.adminUrl) ? new URL(link, this.#access.adminUrl) : undefined;
    if (url === undefined || url.origin !== new URL(this.#access.adminUrl).origin) {
      throw new Trouble("refused", `the link ${link.slice(0, 200)} does not lead to the stamp`);
    }
    let answer = await this.#signedIn(url);
    if (answer.status === 401) {
      // The token may have ended early, or been taken back.
      this.#token = undefined;
      answer = await this.#signedIn(url);
    }
    if (answer.status === 200) return answer.body;
    throw troubleOf(answer, this.#clock);
  }

  async #signedIn(url: URL): Promise<HttpAnswer> {
    return await this.#call(url, { authorization: `Bearer ${await this.#tokenText()}` });
  }

  async #call(url: URL, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const sentMs = this.#clock.now();
    const answer = await callHttp(this.#access.endpoint, { url, ...(headers === undefined ? {} : { headers }) });
    const measured = skewMs({ sentMs, receivedMs: this.#clock.now(), date: answer.headers.date });
    if (measured !== undefined) this.#onSkew(measured);
    return answer;
  }

  async #tokenText(): Promise<string> {
    const nowS = performance.now() / 1_000;
    if (this.#token !== undefined && nowS < this.#token.endsAtS) return this.#token.text;
    this.#issuer ??= await this.#findIssuer();
    const { clientId, clientSecret } = this.#access.credential;
    const form = {
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      resource: this.#issuer.audience,
    };
    const answer = await callHttp(this.#access.endpoint, { url: new URL(this.#issuer.tokenUrl), form });
    const said = jsonOf(answer.body) as { access_token?: unknown; expires_in?: unknown; error_description?: unknown };
    if (answer.status !== 200 || typeof said.access_token !== "string") {
      if (answer.status === 429 || answer.status >= 500) throw troubleOf(answer, this.#clock);
      const reason =
        typeof said.error_description === "string" ? said.error_description : `it answered ${answer.status}`;
      throw new Trouble("sign-in", `the stamp's issuer gave no token: ${reason}`);
    }
    const lastsS = Number.parseInt(String(said.expires_in), 10) || 0;
    // Of a token that ends sooner than the margin, half of its time is used.
    this.#token = { text: said.access_token, endsAtS: nowS + Math.max(lastsS - MARGIN_S, lastsS / 2) };
    return this.#token.text;
  }

  /** Where tokens come from, as `az cloud register` finds it (contract/clients.md). */
  async #findIssuer(): Promise<Issuer> {
    const { adminUrl, tokenUrl, audience } = this.#access;
    if (tokenUrl !== "" && audience !== "") return { tokenUrl, audience };
    const answer = await this.#call(new URL("/metadata/endpoints?api-version=2015-01-01", adminUrl));
    if (answer.status !== 200) throw troubleOf(answer, this.#clock);
    const { authentication = {} } = jsonOf(answer.body) as {
      authentication?: { loginEndpoint?: unknown; audiences?: unknown };
    };
    const { loginEndpoint, audiences } = authentication;
    const first: unknown = Array.isArray(audiences) ? audiences[0] : undefined;
    const issuer = {
      tokenUrl: tokenUrl !== "" ? tokenUrl : `${String(loginEndpoint).replace(/\/+$/, "")}/oauth2/token`,
      audience: audience !== "" ? audience : String(first),
    };
    if (isSafeUrl(issuer.tokenUrl)) return issuer;
    throw new Trouble("sign-in", "the stamp does not say where it issues tokens; set tokenUrl and audience");
  }
}

const jsonOf = (body: Buffer): Readonly<Record<string, unknown>> => {
  try {
    return (JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>> | null) ?? {};
  } catch {
    return {};
  }
};

/** What an answer that is not good means (contract/usage.md §4). */
export function troubleOf({ status, headers, body }: HttpAnswer, clock: Clock, who = "the stamp"): Trouble {
  const said = jsonOf(body);
  const { code = "", message = "" } = (said["error"] ?? said) as { code?: unknown; message?: unknown };
  const text = `${who} answered ${[status, code, message].filter((part) => part !== "").join(" ")}`.slice(0, 500);
  const options = { retryAfterMs: retryAfterMs(headers["retry-after"], clock.now()), code: String(code) };
  if (status === 202) return new Trouble("not-ready", text, options);
  if (status === 504) return new Trouble("too-slow", text, options);
  if (status === 429 || status === 503) return new Trouble("throttled", text, options);
  if (status === 401) return new Trouble("sign-in", text, options);
  if (status >= 500 || status === 408) return new Trouble("failed", text, options);
  // Its clock may have been put back since it was measured; the hour will be over soon.
  if (code === "RequestEndTimeIsInFuture") return new Trouble("not-ready", text, options);
  return new Trouble("refused", text, options);
}
