import { Fault } from "./domain/faults/fault.ts";
import { LIMITS } from "./domain/limits.ts";
import { readIssuers } from "./domain/identity/trustedIssuer.ts";
import { readPeriodRules } from "./domain/statement/billingPeriods.ts";
import { readRefusalStatuses } from "./http/refusalStatuses.ts";
import { text, whole, httpUrl, oneOf, list, baseUrl, yesOrNo, baseUrls, sqlName } from "./lib/settingValues.ts";

export interface Setting<Value> {
  readonly env: string;
  readonly cli: string;
  readonly default: Value;
  readonly doc: string;
  readonly parse: (text: string) => Value | { readonly reason: string };
}

const issuers = (value: string): string | { reason: string } => {
  const read = readIssuers(value);
  return typeof read === "string" ? { reason: read } : value;
};

/** No stamp asks for usage that is older than 90 days (contract/usage.md §2). */
const RETENTION_MONTHS_MIN = 3;

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

const CASES = ["strict", "lenient"] as const;

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
    doc: "Address that the server listens on.",
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
    doc: "URL under which others reach the server, for example behind a proxy. Empty: the address that it listens on.",
    parse: baseUrl,
  }),
  plainHttp: setting<boolean>({
    env: "STAMPBOOK_PLAIN_HTTP",
    cli: "--plain-http",
    default: false,
    doc: "Listen without TLS. Tokens and secrets can be read on the way then: only behind a proxy on the same machine.",
    parse: yesOrNo,
  }),
  tlsCertificateFile: setting<string>({
    env: "STAMPBOOK_TLS_CERTIFICATE_FILE",
    cli: "--tls-certificate-file",
    default: "",
    doc: "Certificate of your own, with its chain, as PEM. Empty: one of a private authority in the data folder.",
    parse: (value) => value,
  }),
  tlsKeyFile: setting<string>({
    env: "STAMPBOOK_TLS_KEY_FILE",
    cli: "--tls-key-file",
    default: "",
    doc: "Private key of that certificate, as PEM.",
    parse: (value) => value,
  }),
  builtInIssuer: setting<boolean>({
    env: "STAMPBOOK_BUILT_IN_ISSUER",
    cli: "--built-in-issuer",
    default: true,
    doc: "Whether the server issues tokens itself to the credentials that it keeps.",
    parse: yesOrNo,
  }),
  passwordGrant: setting<boolean>({
    env: "STAMPBOOK_PASSWORD_GRANT",
    cli: "--password-grant",
    default: false,
    doc: "Whether programs may send a user's name and password for a token (az login -u USER -p PASSWORD).",
    parse: yesOrNo,
  }),
  oidcIssuers: setting<string>({
    env: "STAMPBOOK_OIDC_ISSUERS",
    cli: "--oidc-issuers",
    default: "",
    doc: 'Identity providers whose tokens are taken too: a JSON list of { "issuer", "audiences", "tenant"?, "discoveryUrl"? }.',
    parse: issuers,
  }),
  audiences: setting<string>({
    env: "STAMPBOOK_AUDIENCES",
    cli: "--audiences",
    default: "",
    doc: "Further audiences for which the built-in issuer gives tokens, with commas between.",
    parse: (value) => list(value).join(","),
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
  readsPerMinuteMax: setting<number>({
    env: "STAMPBOOK_READS_PER_MINUTE_MAX",
    cli: "--reads-per-minute-max",
    default: LIMITS.throttleReadsPerMinute,
    doc: "Reads that one caller may send to one subscription in a minute. Past it the answer is 429 with Retry-After.",
    parse: whole(1, 1_000_000_000),
  }),
  writesPerMinuteMax: setting<number>({
    env: "STAMPBOOK_WRITES_PER_MINUTE_MAX",
    cli: "--writes-per-minute-max",
    default: LIMITS.throttleWritesPerMinute,
    doc: "The same for writes, and for deletions, which are counted on their own.",
    parse: whole(1, 1_000_000_000),
  }),
  customerIdCase: setting<(typeof CASES)[number]>({
    env: "STAMPBOOK_CUSTOMER_ID_CASE",
    cli: "--customer-id-case",
    default: "strict",
    doc: "Whether the id of a customer subscription must be in lower case, as Azure's documentation says (strict), or may be in any case (lenient).",
    parse: oneOf(CASES),
  }),
  oldScripts: setting<boolean>({
    env: "STAMPBOOK_OLD_SCRIPTS",
    cli: "--old-scripts",
    default: false,
    doc: "Whether reads of registrations in api-version 2016-09-01, which older Get-AzResource sends by itself, are answered as in 2017-06-01.",
    parse: yesOrNo,
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
    doc: "How long to wait for that service, in milliseconds, with all attempts.",
    parse: whole(1, LIMITS.resolverTimeoutMsMax),
  }),
  resolverCacheSeconds: setting<number>({
    env: "STAMPBOOK_RESOLVER_CACHE_SECONDS",
    cli: "--resolver-cache-seconds",
    default: 300,
    doc: "How long an answer of that service is used again, in seconds. 0 asks every time.",
    parse: whole(0, 86_400),
  }),
  autoApprove: setting<boolean>({
    env: "STAMPBOOK_AUTO_APPROVE",
    cli: "--auto-approve",
    default: false,
    doc: "Whether requests for multi-tenancy are approved at once: true or false.",
    parse: yesOrNo,
  }),
  approvalWebhookUrl: setting<string>({
    env: "STAMPBOOK_APPROVAL_WEBHOOK_URL",
    cli: "--approval-webhook-url",
    default: "",
    doc: "Where every change of an approval is posted to. Empty: nowhere.",
    parse: (value) => (value === "" ? "" : httpUrl(value)),
  }),
  approvalWebhookSecretFile: setting<string>({
    env: "STAMPBOOK_APPROVAL_WEBHOOK_SECRET_FILE",
    cli: "--approval-webhook-secret-file",
    default: "",
    doc: "File with the secret that signs what is posted there. Empty: it is not signed.",
    parse: (value) => value,
  }),
  usageEngineUrl: setting<string>({
    env: "STAMPBOOK_USAGE_ENGINE_URL",
    cli: "--usage-engine-url",
    default: "",
    doc: "ClickHouse server that keeps the usage; of a cluster each server, with commas between. Empty: the embedded engine.",
    parse: baseUrls,
  }),
  usageEngineDatabase: setting<string>({
    env: "STAMPBOOK_USAGE_ENGINE_DATABASE",
    cli: "--usage-engine-database",
    default: "stampbook",
    doc: "Database on that server. It is made if it is not there, and belongs to one Stampbook alone.",
    parse: sqlName,
  }),
  usageEngineUser: setting<string>({
    env: "STAMPBOOK_USAGE_ENGINE_USER",
    cli: "--usage-engine-user",
    default: "default",
    doc: "Who signs in there.",
    parse: text,
  }),
  usageEnginePasswordFile: setting<string>({
    env: "STAMPBOOK_USAGE_ENGINE_PASSWORD_FILE",
    cli: "--usage-engine-password-file",
    default: "",
    doc: "File with that user's password. Empty: no password.",
    parse: (value) => value,
  }),
  usageEngineCaFile: setting<string>({
    env: "STAMPBOOK_USAGE_ENGINE_CA_FILE",
    cli: "--usage-engine-ca-file",
    default: "",
    doc: "Certificates of the authority that signed that server's certificate, as PEM. Empty: those of the system.",
    parse: (value) => value,
  }),
  usageCluster: setting<string>({
    env: "STAMPBOOK_USAGE_CLUSTER",
    cli: "--usage-cluster",
    default: "",
    doc: "Cluster, as ClickHouse names it, whose shards share the usage. Empty: one server has it all.",
    parse: (value) => (value === "" ? "" : sqlName(value)),
  }),
  usageReplicated: setting<boolean>({
    env: "STAMPBOOK_USAGE_REPLICATED",
    cli: "--usage-replicated",
    default: false,
    doc: "Whether the usage is kept on replicas, which needs a keeper and the macros shard and replica: true or false.",
    parse: yesOrNo,
  }),
  usageRetentionMonths: setting<number>({
    env: "STAMPBOOK_USAGE_RETENTION_MONTHS",
    cli: "--usage-retention-months",
    default: 13,
    doc: "Whole months that usage stays in the usage store after its own month. Older months are archived, then dropped.",
    parse: whole(RETENTION_MONTHS_MIN, 1_200),
  }),
  periodBegins: setting<string>({
    env: "STAMPBOOK_PERIOD_BEGINS",
    cli: "--period-begins",
    default: "",
    doc: "When billing periods begin, in UTC, from a period on: 2025-03=15T06, several with commas between. Empty: calendar months.",
    parse: (value) => {
      const rules = readPeriodRules(value);
      return typeof rules === "string" ? { reason: rules } : value;
    },
  }),
  correctableMonths: setting<number>({
    env: "STAMPBOOK_CORRECTABLE_MONTHS",
    cli: "--correctable-months",
    default: 12,
    doc: "Whole months after its end in which a billing period may still be corrected. Less than usageRetentionMonths.",
    parse: whole(1, 1_199),
  }),
  archiveFolder: setting<string>({
    env: "STAMPBOOK_ARCHIVE_FOLDER",
    cli: "--archive-folder",
    default: "",
    doc: "Folder for the archives of usage, on a disk that outlives this one if you can. Empty: archive/ in the data folder.",
    parse: (value) => value,
  }),
  exportTargetFile: setting<string>({
    env: "STAMPBOOK_EXPORT_TARGET_FILE",
    cli: "--export-target-file",
    default: "",
    doc: "File with JSON that says to which folder or bucket closed documents are exported by themselves. Empty: to none.",
    parse: (value) => value,
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
  const known = new Set<string>([...Object.values(SETTINGS).map((so) => so.env), SERVER_ENV, ...SIGN_IN_ENV]);
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith("STAMPBOOK_") && !known.has(name)) {
      throw new Fault("SettingInvalid", { setting: name, value: value ?? "", reason: "there is no such setting" });
    }
  }
  const entries = Object.entries(SETTINGS).map(([name, so]) => {
    const value = given[name as SettingName] ?? env[so.env];
    return [name, value === undefined ? so.default : parsed(name, so, value)];
  });
  const settings = Object.fromEntries(entries) as Settings;
  mustKeepCorrectable(settings);
  return settings;
}

/** What may still be corrected must still be in the usage store. */
function mustKeepCorrectable({ usageRetentionMonths: kept, correctableMonths: correctable }: Settings): void {
  if (kept > correctable) return;
  throw new Fault("SettingInvalid", {
    setting: "usageRetentionMonths",
    value: kept,
    reason: `periods may be corrected for ${correctable} months (correctableMonths), and usage must be kept for one month more: at least ${correctable + 1}`,
  });
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

/** How commands sign in at that server: a token, or a credential to get one with; and whose certificates to trust. */
export const SIGN_IN_ENV = [
  "STAMPBOOK_TOKEN",
  "STAMPBOOK_CLIENT_ID",
  "STAMPBOOK_CLIENT_SECRET",
  "STAMPBOOK_CA_FILE",
] as const;
