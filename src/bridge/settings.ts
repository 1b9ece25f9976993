import {
  anyText,
  type BridgeSetting,
  EVERY,
  hourStart,
  isObject,
  LISTS,
  nameOf,
  optionalUrl,
  setting,
  SettingProblem,
  spoolBytesMax,
  text,
  url,
  type Values,
  valuesIn,
  whole,
} from "./settingKinds.ts";
import { FOLDER_SETTINGS, type FolderSettings, HTTP_SETTINGS, type HttpSettings } from "./sourceSettings.ts";

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
  name: nameOf("stamp"),
  registration: EVERY.registration,
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
  spoolBytesMax: spoolBytesMax("reading stops"),
  spoolWarnPercent: EVERY.spoolWarnPercent,
  requestTimeoutSeconds: setting<number>({
    default: 180,
    doc: "How long the stamp or the server may be silent in the middle of a call.",
    parse: whole(1, 3_600),
  }),
  retryDelayMsMin: EVERY.retryDelayMsMin,
  retryDelayMsMax: EVERY.retryDelayMsMax,
} as const;

export type StampSettings = Values<typeof STAMP_SETTINGS>;
export type BridgeSettings = Values<typeof BRIDGE_SETTINGS> & {
  readonly stamps: readonly StampSettings[];
  readonly folders: readonly FolderSettings[];
  readonly httpSources: readonly HttpSettings[];
};

/**
 * Checks a configuration and fills in what it leaves out.
 * @throws SettingProblem
 */
export function readBridgeSettings(given: unknown): BridgeSettings {
  if (!isObject(given)) throw new SettingProblem("(file)", "it must be a JSON object");
  const bridge = valuesIn(BRIDGE_SETTINGS, given, "");
  const stamps = listIn(given, "stamps", STAMP_SETTINGS);
  const folders = listIn(given, "folders", FOLDER_SETTINGS);
  const httpSources = listIn(given, "httpSources", HTTP_SETTINGS);
  const all = [...stamps, ...folders, ...httpSources];
  if (all.length === 0) throw new SettingProblem("stamps", "it must list a stamp, or folders or httpSources a source");
  const needsServer = folders.length + httpSources.length > 0 || stamps.some(({ delivery }) => delivery === "server");
  for (const key of ["serverUrl", "serverCredentialFile"] as const) {
    if (needsServer && bridge[key] === "") throw new SettingProblem(key, "it is missing");
  }
  const names = all.map((so) => so.name.toLowerCase());
  const twice = names.find((so, i) => names.indexOf(so) !== i);
  if (twice !== undefined) throw new SettingProblem("stamps", `the name '${twice}' is there twice`);
  return { ...bridge, stamps, folders, httpSources };
}

type Listed = Readonly<Record<string, BridgeSetting<string | number>>> &
  Readonly<Record<"retryDelayMsMin" | "retryDelayMsMax", BridgeSetting<number>>>;

/** @throws SettingProblem */
function listIn<List extends Listed>(
  given: Readonly<Record<string, unknown>>,
  key: string,
  settings: List,
): readonly Values<List>[] {
  const list = given[key] ?? [];
  if (!Array.isArray(list)) throw new SettingProblem(key, "it must be a list");
  return list.map((so: unknown, i) => {
    if (!isObject(so) || [...LISTS].some((name) => name in so)) {
      throw new SettingProblem(`${key}[${i}]`, "it must be an object of settings");
    }
    const values = valuesIn(settings, so, `${key}[${i}].`);
    const { retryDelayMsMin: min, retryDelayMsMax: max } = values as Values<Listed>;
    if (min <= max) return values;
    throw new SettingProblem(`${key}[${i}].retryDelayMsMin`, "it must not be longer than retryDelayMsMax");
  });
}
