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

const setting = <Value>(so: BridgeSetting<Value>): BridgeSetting<Value> => so;

const text = (given: unknown): string | Bad =>
  typeof given === "string" && given !== "" ? given : { reason: "it must be a text" };

const anyText = (given: unknown): string | Bad => (typeof given === "string" ? given : { reason: "it must be a text" });

const name = (given: unknown): string | Bad =>
  typeof given === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(given)
    ? given
    : { reason: "it must be letters, digits, '.', '_' and '-', at most 64" };

const url = (given: unknown): string | Bad => {
  if (typeof given !== "string" || !isSafeUrl(given)) return { reason: "it must be https, or http on this machine" };
  return /[?#@]/.test(given) ? { reason: "it must have no user, query or fragment" } : given.replace(/\/+$/, "");
};

const optionalUrl = (given: unknown): string | Bad => (given === "" ? "" : url(given));

const whole =
  (min: number, max: number) =>
  (given: unknown): number | Bad =>
    typeof given === "number" && Number.isInteger(given) && given >= min && given <= max
      ? given
      : { reason: `it must be a whole number from ${min} to ${max}` };

const hourStart = (given: unknown): string | Bad => {
  const atMs = typeof given === "string" ? parseInstant(given) : undefined;
  return atMs === undefined || atMs % HOUR_MS !== 0
    ? { reason: "it must be the start of an hour in UTC, like 2026-11-01T00:00:00Z" }
    : (given as string);
};

/** Every setting of a bridge that is not a stamp's, once: docs/reference/bridge-settings.md is made from this list. */
export const BRIDGE_SETTINGS = {
  stateFolder: setting<string>({
    default: undefined,
    doc: "Folder for what was read and waits, and for how far each stamp was read. One process at a time may use it.",
    parse: text,
  }),
  serverUrl: setting<string>({
    default: "",
    doc: "URL of the Stampbook server; https, or http on the same machine. Needed unless every stamp makes bundles.",
    parse: optionalUrl,
  }),
  serverCaFile: setting<string>({
    default: "",
    doc: "Certificates of the authorities to trust for the server, as PEM. Empty: the usual ones.",
    parse: anyText,
  }),
  serverCredentialFile: setting<string>({
    default: "",
    doc: "File with the credential for the server: { clientId, clientSecret }. Only its owner may read it (mode 0600).",
    parse: anyText,
  }),
  metricsAddress: setting<string>({
    default: "127.0.0.1",
    doc: "Address that metrics are served on.",
    parse: text,
  }),
  metricsPort: setting<number>({
    default: 0,
    doc: "TCP port for /metrics and /healthz. 0: none.",
    parse: whole(0, 65_535),
  }),
} as const;

/** Every setting of a stamp, once. */
export const STAMP_SETTINGS = {
  name: setting<string>({
    default: undefined,
    doc: "Name of the stamp in this bridge; also the name of its folder below stateFolder.",
    parse: name,
  }),
  registration: setting<string>({
    default: undefined,
    doc: "The registration that the usage belongs to: number, cloud id, resource id or name.",
    parse: text,
  }),
  adminUrl: setting<string>({
    default: undefined,
    doc: "URL of the stamp's administrator Resource Manager, https://adminmanagement.REGION.DOMAIN",
    parse: url,
  }),
  caFile: setting<string>({
    default: "",
    doc: "Certificates of the authorities to trust for the stamp, as PEM. Empty: the usual ones.",
    parse: anyText,
  }),
  credentialFile: setting<string>({
    default: undefined,
    doc: "File with the credential for the stamp: { clientId, clientSecret }, mode 0600. Reader on the provider subscription is enough.",
    parse: text,
  }),
  providerSubscription: setting<string>({
    default: undefined,
    doc: "Id of the stamp's default provider subscription.",
    parse: text,
  }),
  tokenUrl: setting<string>({
    default: "",
    doc: "Where tokens for the stamp are issued. Empty: asked of the stamp itself.",
    parse: optionalUrl,
  }),
  audience: setting<string>({
    default: "",
    doc: "Resource that tokens are for. Empty: asked of the stamp itself.",
    parse: anyText,
  }),
  startAt: setting<string>({
    default: undefined,
    doc: "Start of the first reported hour to read. Counts only until the first window was read.",
    parse: hourStart,
  }),
  delivery: setting<"server" | "bundles">({
    default: "server",
    doc: "server: deliver to the server. bundles: keep what was read for stampbook bridge export, where there is no way to it.",
    parse: (given) => (given === "server" || given === "bundles" ? given : { reason: "it must be server or bundles" }),
  }),
  bundleRecipient: setting<string>({
    default: "",
    doc: "Whom bundles are for: the public key that stampbook bridge keys shows on the other side.",
    parse: anyText,
  }),
  settleMinutes: setting<number>({
    default: 10,
    doc: "How long after its end an hour is left alone before it is read.",
    parse: whole(0, 1_440),
  }),
  rereadHours: setting<number>({
    default: 48,
    doc: "Depth of reading again: an hour is read again 1, 2, 4, … hours after its end, the last time after so many. 0: never.",
    parse: whole(0, 2_160),
  }),
  subscriptionsMinutes: setting<number>({
    default: 60,
    doc: "How often the list of local subscriptions is read.",
    parse: whole(1, 1_440),
  }),
  spoolBytesMax: setting<number>({
    default: 10 * GiB,
    doc: "Bytes on disk that may wait for the server. When they are used up reading stops; nothing is dropped.",
    parse: whole(1, 1_024 * GiB),
  }),
  spoolWarnPercent: setting<number>({
    default: 70,
    doc: "How full the spool is, in per cent, when it warns.",
    parse: whole(1, 100),
  }),
  requestTimeoutSeconds: setting<number>({
    default: 180,
    doc: "How long the stamp or the server may be silent in the middle of a call.",
    parse: whole(1, 3_600),
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

type Values<List extends Readonly<Record<string, BridgeSetting<string | number>>>> = {
  readonly [Name in keyof List]: List[Name] extends BridgeSetting<infer Value> ? Value : never;
};

export type StampSettings = Values<typeof STAMP_SETTINGS>;
export type BridgeSettings = Values<typeof BRIDGE_SETTINGS> & { readonly stamps: readonly StampSettings[] };

/** What is wrong with a configuration, and where. */
export class SettingProblem extends Error {
  readonly setting: string;

  constructor(at: string, reason: string) {
    super(reason);
    this.setting = at;
  }
}

/** @throws SettingProblem */
function valuesIn<List extends Readonly<Record<string, BridgeSetting<string | number>>>>(
  list: List,
  given: Readonly<Record<string, unknown>>,
  within: string,
): Values<List> {
  for (const key of Object.keys(given)) {
    if (!(key in list) && key !== "stamps") throw new SettingProblem(`${within}${key}`, "there is no such setting");
  }
  const entries = Object.entries(list).map(([key, so]) => {
    const value = given[key] === undefined ? so.default : so.parse(given[key]);
    if (value === undefined) throw new SettingProblem(`${within}${key}`, "it is missing");
    if (typeof value === "object") throw new SettingProblem(`${within}${key}`, value.reason);
    return [key, value] as const;
  });
  return Object.fromEntries(entries) as unknown as Values<List>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks a configuration and fills in what it leaves out.
 * @throws SettingProblem
 */
export function readBridgeSettings(given: unknown): BridgeSettings {
  if (!isObject(given)) throw new SettingProblem("(file)", "it must be a JSON object");
  const bridge = valuesIn(BRIDGE_SETTINGS, given, "");
  const list = given["stamps"];
  if (!Array.isArray(list) || list.length === 0) throw new SettingProblem("stamps", "it must list at least one stamp");
  const stamps = list.map((so: unknown, i) => {
    if (!isObject(so) || "stamps" in so) throw new SettingProblem(`stamps[${i}]`, "it must be an object of settings");
    const stamp = valuesIn(STAMP_SETTINGS, so, `stamps[${i}].`);
    if (stamp.retryDelayMsMin <= stamp.retryDelayMsMax) return stamp;
    throw new SettingProblem(`stamps[${i}].retryDelayMsMin`, "it must not be longer than retryDelayMsMax");
  });
  const needsServer = stamps.some(({ delivery }) => delivery === "server");
  for (const key of ["serverUrl", "serverCredentialFile"] as const) {
    if (needsServer && bridge[key] === "") throw new SettingProblem(key, "it is missing");
  }
  const folders = stamps.map((so) => so.name.toLowerCase());
  const twice = folders.find((so, i) => folders.indexOf(so) !== i);
  if (twice !== undefined) throw new SettingProblem("stamps", `the name '${twice}' is there twice`);
  return { ...bridge, stamps };
}
