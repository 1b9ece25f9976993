import { isSafeUrl } from "../domain/identity/trustedIssuer.ts";
import { HOUR_MS, parseInstant } from "../lib/instant.ts";

const MiB = 1_048_576;
const GiB = 1_024 * MiB;

type Bad = { readonly reason: string };

export interface BridgeSetting<Value> {
  /** Undefined: it has to be given. */
  readonly default: Value | undefined;
  readonly doc: string;
  readonly parse: (given: unknown) => Value | Bad;
}

export const setting = <Value>(so: BridgeSetting<Value>): BridgeSetting<Value> => so;

export const text = (given: unknown): string | Bad =>
  typeof given === "string" && given !== "" ? given : { reason: "it must be a text" };

export const anyText = (given: unknown): string | Bad =>
  typeof given === "string" ? given : { reason: "it must be a text" };

const name = (given: unknown): string | Bad =>
  typeof given === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(given)
    ? given
    : { reason: "it must be letters, digits, '.', '_' and '-', at most 64" };

export const url = (given: unknown): string | Bad => {
  if (typeof given !== "string" || !isSafeUrl(given)) return { reason: "it must be https, or http on this machine" };
  return /[?#@]/.test(given) ? { reason: "it must have no user, query or fragment" } : given.replace(/\/+$/, "");
};

export const optionalUrl = (given: unknown): string | Bad => (given === "" ? "" : url(given));

export const whole =
  (min: number, max: number) =>
  (given: unknown): number | Bad =>
    typeof given === "number" && Number.isInteger(given) && given >= min && given <= max
      ? given
      : { reason: `it must be a whole number from ${min} to ${max}` };

export const hourStart = (given: unknown): string | Bad => {
  const atMs = typeof given === "string" ? parseInstant(given) : undefined;
  return atMs === undefined || atMs % HOUR_MS !== 0
    ? { reason: "it must be the start of an hour in UTC, like 2026-11-01T00:00:00Z" }
    : (given as string);
};

/** Settings that stamps and other sources have alike. */
export const EVERY = {
  registration: setting<string>({
    default: undefined,
    doc: "The registration that the usage belongs to: number, cloud id, resource id or name.",
    parse: text,
  }),
  spoolWarnPercent: setting<number>({
    default: 70,
    doc: "How full the spool is, in per cent, when it warns.",
    parse: whole(1, 100),
  }),
  retryDelayMsMin: setting<number>({
    default: 1_000,
    doc: "The first wait after a failure, in milliseconds; each further failure doubles it. A part of it is by chance.",
    parse: whole(1, 3_600_000),
  }),
  retryDelayMsMax: setting<number>({
    default: 300_000,
    doc: "The longest wait after a failure, in milliseconds, unless the other side asks for more.",
    parse: whole(1, 3_600_000),
  }),
} as const;

/** @param what has a name in this bridge */
export const nameOf = (what: string): BridgeSetting<string> =>
  setting({
    default: undefined,
    doc: `Name of the ${what} in this bridge; also the name of its folder below stateFolder.`,
    parse: name,
  });

/** @param whenFull what happens when they are used up */
export const spoolBytesMax = (whenFull: string): BridgeSetting<number> =>
  setting({
    default: 10 * GiB,
    doc: `Bytes on disk that may wait for the server. When they are used up ${whenFull}; nothing is dropped.`,
    parse: whole(1, 1_024 * GiB),
  });

export type Values<List extends Readonly<Record<string, BridgeSetting<string | number>>>> = {
  readonly [Name in keyof List]: List[Name] extends BridgeSetting<infer Value> ? Value : never;
};

/** What a configuration lists beside its own settings. */
export const LISTS: ReadonlySet<string> = new Set(["stamps", "folders", "httpSources"]);

/** What is wrong with a configuration, and where. */
export class SettingProblem extends Error {
  readonly setting: string;

  constructor(at: string, reason: string) {
    super(reason);
    this.setting = at;
  }
}

/** @throws SettingProblem */
export function valuesIn<List extends Readonly<Record<string, BridgeSetting<string | number>>>>(
  list: List,
  given: Readonly<Record<string, unknown>>,
  within: string,
): Values<List> {
  for (const key of Object.keys(given)) {
    if (!(key in list) && !LISTS.has(key)) throw new SettingProblem(`${within}${key}`, "there is no such setting");
  }
  const entries = Object.entries(list).map(([key, so]) => {
    const value = given[key] === undefined ? so.default : so.parse(given[key]);
    if (value === undefined) throw new SettingProblem(`${within}${key}`, "it is missing");
    if (typeof value === "object") throw new SettingProblem(`${within}${key}`, value.reason);
    return [key, value] as const;
  });
  return Object.fromEntries(entries) as unknown as Values<List>;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
