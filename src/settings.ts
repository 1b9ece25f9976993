import { Fault } from "./domain/faults/fault.ts";
import { readRefusalStatuses } from "./http/refusalStatuses.ts";

export interface Setting<Value> {
  readonly env: string;
  readonly cli: string;
  readonly default: Value;
  readonly doc: string;
  readonly parse: (text: string) => Value | { readonly reason: string };
}

const text = (value: string): string | { reason: string } =>
  value === "" ? { reason: "it must not be empty" } : value;

const whole =
  (min: number, max: number) =>
  (value: string): number | { reason: string } => {
    const number = /^\d{1,15}$/.test(value) ? Number.parseInt(value, 10) : Number.NaN;
    return number >= min && number <= max ? number : { reason: `it must be a whole number from ${min} to ${max}` };
  };

const httpUrl = (value: string): string | { reason: string } =>
  /^https?:\/\//.test(value) && URL.canParse(value) ? value : { reason: "it must be an http or https URL" };

const oneOf =
  <Value extends string>(values: readonly Value[]) =>
  (value: string): Value | { reason: string } =>
    values.find((candidate) => candidate === value) ?? { reason: `it must be one of ${values.join(", ")}` };

/** An address without what comes after the path; empty where none is given. */
function baseUrl(value: string): string | { reason: string } {
  if (value === "") return "";
  const url = httpUrl(value);
  return typeof url === "string" && /[?#@]/.test(url) ? { reason: "it must have no user, query or fragment" } : url;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

const setting = <Value>(so: Setting<Value>): Setting<Value> => so;

/** Every setting, once. `--help`, the reference page and the start-up validation are made from this list. */
export const SETTINGS = {
  dataFolder: setting<string>({
    env: "STAMPBOOK_DATA_FOLDER",
    cli: "--data-folder",
    default: "stampbook-data",
    doc: "Folder that holds everything. It is created, and one process at a time may use it.",
    parse: text,
  }),
  listenAddress: setting<string>({
    env: "STAMPBOOK_LISTEN_ADDRESS",
    cli: "--listen-address",
    default: "127.0.0.1",
    doc: "Address that the server listens on. There is no sign-in yet: keep it on this machine.",
    parse: text,
  }),
  listenPort: setting<number>({
    env: "STAMPBOOK_LISTEN_PORT",
    cli: "--listen-port",
    default: 30_080,
    doc: "TCP port that the server listens on. 0 takes a free one and prints it.",
    parse: whole(0, 65_535),
  }),
  publicUrl: setting<string>({
    env: "STAMPBOOK_PUBLIC_URL",
    cli: "--public-url",
    default: "",
    doc: "Address under which others reach this server; activation keys and links carry it. Empty: where it listens.",
    parse: baseUrl,
  }),
  documentationUrl: setting<string>({
    env: "STAMPBOOK_DOCUMENTATION_URL",
    cli: "--documentation-url",
    default: "",
    doc: "Address below which each error code has its page; refusals link there. Empty: this server's own pages.",
    parse: baseUrl,
  }),
  refusalStatuses: setting<string>({
    env: "STAMPBOOK_REFUSAL_STATUSES",
    cli: "--refusal-statuses",
    default: "",
    doc: "Other HTTP statuses for the eight refusals: RegistrationNotFound=404,UnauthorizedCspRegistration=403",
    parse: (value) => {
      const read = readRefusalStatuses(value);
      return "reason" in read ? read : value;
    },
  }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    env: "STAMPBOOK_LOG_LEVEL",
    cli: "--log-level",
    default: "info",
    doc: "How much the server logs: debug, info, warn, error or silent.",
    parse: oneOf(LOG_LEVELS),
  }),
  resolverUrl: setting<string>({
    env: "STAMPBOOK_RESOLVER_URL",
    cli: "--resolver-url",
    default: "",
    doc: "Service to ask about subscriptions that the partner catalogue does not know. Empty: none.",
    parse: (value) => (value === "" ? "" : httpUrl(value)),
  }),
  resolverTimeoutMs: setting<number>({
    env: "STAMPBOOK_RESOLVER_TIMEOUT_MS",
    cli: "--resolver-timeout-ms",
    default: 3_000,
    doc: "How long to wait for that service, in milliseconds.",
    parse: whole(1, 5_000),
  }),
  engineMemoryMiBMax: setting<number>({
    env: "STAMPBOOK_ENGINE_MEMORY_MIB_MAX",
    cli: "--engine-memory-mib-max",
    default: 4_096,
    doc: "Memory that one query of the usage engine may take, in MiB.",
    parse: whole(256, 1_048_576),
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type Settings = { readonly [Name in SettingName]: (typeof SETTINGS)[Name]["default"] };

/** Where the settings that were not given on the command line come from. The only use of `process.env`. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;

/**
 * The settings in force: the command line, then the environment, then the defaults. Unknown STAMPBOOK_ variables are
 * refused, so that a misspelt one does not pass in silence.
 * @throws Fault SettingInvalid
 */
export function readSettings(
  given: Partial<Record<SettingName, string>>,
  env: Readonly<Record<string, string | undefined>> = environment(),
): Settings {
  const known = new Set<string>([...Object.values(SETTINGS).map((so) => so.env), SERVER_ENV]);
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith("STAMPBOOK_") && !known.has(name)) {
      throw new Fault("SettingInvalid", { setting: name, value: value ?? "", reason: "there is no such setting" });
    }
  }
  const entries = Object.entries(SETTINGS).map(([name, so]) => {
    const value = given[name as SettingName] ?? env[so.env];
    return [name, value === undefined ? so.default : parsed(name, so, value)];
  });
  return Object.fromEntries(entries) as Settings;
}

function parsed(name: string, so: Setting<unknown>, value: string): unknown {
  const result = so.parse(value);
  if (typeof result === "object" && result !== null) {
    throw new Fault("SettingInvalid", { setting: name, value, reason: (result as { reason: string }).reason });
  }
  return result;
}

/** Where commands find a server that runs elsewhere. */
export const SERVER_ENV = "STAMPBOOK_SERVER";
