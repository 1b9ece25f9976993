/** What the Hub says to a request, before faults of the way to the client. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** In pieces where it may be long. */
  readonly body: string | Iterable<string>;
}

export interface HubRequest {
  readonly method: string;
  /** In lower case, without repeated slashes and dot segments. */
  readonly path: string;
  /** Names in lower case. Empty values count as absent. */
  readonly query: ReadonlyMap<string, string>;
  readonly body: string;
  /** Who signed in: the operator's client id or a tenant's. Undefined without a good token. */
  readonly caller: string | undefined;
  /** The connection comes from the same machine. */
  readonly isLocal: boolean;
}

export const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });

/** The wrapped form, as the admin API writes it (contract/usage.md §4). */
export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({ status, headers, body: JSON.stringify({ error: { code, message } }) });

/** A refusal on the way to an answer. */
export class Refused extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** @throws Refused 400 InvalidProperty */
export function invalid(property: string, reason: string): never {
  throw new Refused(refusal(400, "InvalidProperty", `The property '${property}' is invalid: ${reason}`));
}

export const PREVIEW = "2015-06-01-preview";

/** @throws Refused 400 NoApiVersion, InvalidApiVersionParameter */
export function requireApiVersion({ query }: HubRequest, wanted: string): void {
  const version = query.get("api-version");
  if (version === undefined) throw new Refused(refusal(400, "NoApiVersion", "The api-version is missing."));
  if (version.toLowerCase() === wanted) return;
  const message = `The api-version '${version}' is invalid. The supported version is '${wanted}'.`;
  throw new Refused(refusal(400, "InvalidApiVersionParameter", message));
}
