import { pino } from "pino";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { armRoutes } from "./arm/routes.ts";
import { COMMERCE_ROUTES } from "./commerce/routes.ts";
import type { Resolver } from "./domain/catalogue/resolver.ts";
import type { ControlStore } from "./domain/controlStore.ts";
import type { UsageDayStore } from "./domain/usage/day.ts";
import { BillingPeriods, type PeriodRule, readPeriodRules } from "./domain/statement/billingPeriods.ts";
import { Fault } from "./domain/faults/fault.ts";
import { DEFAULT_PRICE_SHEET } from "./domain/rating/defaultPriceSheet.ts";
import type { PriceSheet } from "./domain/rating/priceSheet.ts";
import { identify } from "./http/identify.ts";
import { openLocalSocket } from "./http/localSocket.ts";
import { addRoutes, type Route } from "./http/route.ts";
import { type FaultAnswers, faultAnswers } from "./http/errorBody.ts";
import { ERROR_PAGES } from "./http/errorPage.ts";
import { readRefusalStatuses } from "./http/refusalStatuses.ts";
import { createServer } from "./http/server.ts";
import { challengeOf } from "./identity/challenge.ts";
import { IDENTITY_ROUTES } from "./identity/routes.ts";
import { openSignIn, tlsOf } from "./identity/open.ts";
import { ownUrls } from "./identity/ownNames.ts";
import { checkTokens } from "./identity/tokenCheck.ts";
import type { TlsMaterial } from "./identity/certificates.ts";
import { openFocusThreads } from "./exportThreads/focusThreads.ts";
import { startFinishing } from "./jobs/finishing.ts";
import { startRollUps } from "./jobs/rollUps.ts";
import { type Clock, systemClock } from "./lib/instant.ts";
import { KeyedMutex } from "./lib/mutex.ts";
import type { Context } from "./operations/context.ts";
import { finishDecisions } from "./operations/usage/decide.ts";
import { endAbandonedBatches } from "./operations/usage/abandoned.ts";
import { LeftDeliveries } from "./operations/usage/finish.ts";
import { ArchiveProgress } from "./operations/usage/archive.ts";
import { StorageState } from "./operations/storageState.ts";
import { RecentVersions } from "./operations/usage/recentVersions.ts";
import { catalogueResolver } from "./resolver/catalogueResolver.ts";
import { httpResolver } from "./resolver/httpResolver.ts";
import type { Settings } from "./settings.ts";
import { UsageMetrics } from "./metrics/usageMetrics.ts";
import { archiveFolder } from "./storage/archiveFolder.ts";
import { exportSpool } from "./storage/exportSpool.ts";
import { payerSpools } from "./storage/payerSpool.ts";
import { openSqliteControlStore } from "./storage/control/sqlite/controlStore.ts";
import { type DataFolder, takeDataFolder } from "./storage/dataFolder.ts";
import { probeFolder } from "./storage/folderProbe.ts";
import { openChdbUsageStore } from "./storage/usage/chdb/open.ts";
import type { EngineUsageStore } from "./storage/usage/usageStore.ts";
import { CREDENTIAL_ROUTES } from "./v1/credentials.ts";
import { ACTIVATION_KEY_ROUTES } from "./v1/activationKeys.ts";
import { AUDIT_ROUTES } from "./v1/audit.ts";
import { ERROR_PAGE_ROUTES } from "./v1/errorPages.ts";
import { V1_ROUTES } from "./v1/routes.ts";
import { USAGE_ARCHIVE_ROUTES } from "./v1/usageArchives.ts";
import { USAGE_LEDGER_ROUTES } from "./v1/usageLedger.ts";
import { USAGE_CHANGES_ROUTE } from "./v1/usageChanges.ts";
import { USAGE_LIST_ROUTE } from "./v1/usageList.ts";
import { USAGE_TOTAL_ROUTES } from "./v1/usageTotals.ts";
import { healthRoutes } from "./v1/health.ts";
import { VERSION } from "./version.ts";
import { type Delivery, startDelivery } from "./webhook/delivery.ts";
import { postTo } from "./webhook/post.ts";
import { readSecret } from "./webhook/secret.ts";

/** Every route of every face. */
export const ROUTES: readonly Route[] = [
  ...healthRoutes(VERSION),
  ...IDENTITY_ROUTES,
  ...armRoutes(COMMERCE_ROUTES),
  ...V1_ROUTES,
  ...USAGE_LEDGER_ROUTES,
  ...USAGE_TOTAL_ROUTES,
  USAGE_LIST_ROUTE,
  USAGE_CHANGES_ROUTE,
  ...USAGE_ARCHIVE_ROUTES,
  ...CREDENTIAL_ROUTES,
  ...AUDIT_ROUTES,
  ...ACTIVATION_KEY_ROUTES,
  ...ERROR_PAGE_ROUTES,
];

/** A Stampbook with its stores open and its server ready to listen. */
export interface Stampbook {
  readonly folder: DataFolder;
  readonly context: Context;
  readonly server: FastifyInstance;
  /** What the server shows who connects; undefined when it does not listen, or without TLS. */
  readonly tls: TlsMaterial | undefined;
  /** Opens a socket that only this user can reach, and tells its path: whoever comes through it is the administrator. */
  listenLocally(): Promise<string>;
  /** The most memory that the usage engine's process held; known once closed. */
  readonly enginePeakRssBytes: () => number;
  /** Finishes what is running, then closes the stores and gives the data folder up. */
  close(): Promise<void>;
}

export interface Parts {
  /** Time for tests and the demo; the machine's own unless given. */
  readonly clock?: Clock;
  readonly priceSheet?: PriceSheet;
  /** Whether the server will listen to others, and so needs a certificate. */
  readonly listens?: boolean;
}

const MiB = 1_048_576;

/**
 * Opens everything in one process. The only file that imports every layer.
 * @throws Fault DataFolderInUse, DataFolderUnusable, SchemaTooNew, UsageEngineUnavailable, SettingInvalid
 */
export async function compose(
  settings: Settings,
  { clock = systemClock, priceSheet = DEFAULT_PRICE_SHEET, listens = false }: Parts = {},
): Promise<Stampbook> {
  const folder = takeDataFolder(settings.dataFolder);
  const undo: (() => unknown)[] = [() => folder.release()];
  try {
    const control = openSqliteControlStore(folder.controlFile);
    undo.push(() => control.close());
    const usage = await openUsageStore(settings, folder, control.usageDays);
    undo.push(() => usage.close());
    const logger = pino({ level: settings.logLevel });
    await endAbandonedBatches({ control, clock });
    const resolver = resolverOf(settings, control, clock);
    const signIn = await openSignIn(settings, control, clock);
    // Where a server of these settings would listen; one that does corrects it.
    signIn.urls.set(ownUrls(settings, settings.plainHttp ? "http" : "https", settings.listenPort));
    const tls = listens ? await tlsOf(settings, folder.path, clock) : undefined;
    const delivery = webhookDelivery(settings, control, clock, logger);
    if (delivery !== undefined) undo.push(() => delivery.close());
    const periodRules = periodRulesOf(settings);
    const focusThreads = openFocusThreads({ controlFile: folder.controlFile, periodRules });
    undo.push(() => focusThreads.close());
    const publicUrl = (): string => signIn.urls.all[0]!;
    const context: Context = {
      control,
      usage,
      resolver,
      priceSheet,
      clock,
      ...rulesOf(settings, delivery),
      locks: new KeyedMutex(),
      recentUsage: new RecentVersions(),
      leftDeliveries: new LeftDeliveries(),
      answering: new Set(),
      metrics: new UsageMetrics(clock),
      ...archivesOf(settings, folder),
      periods: await periodsOf(settings, periodRules, control),
      focusThreads,
      storage: storageState(clock, folder, { control, usage }, logger),
      signIn,
      publicUrl,
    };
    await finishDecisions(context);
    undo.push(startFinishing(context, logger));
    undo.push(startRollUps(context, logger));
    const answers = answersOf(settings, publicUrl);
    const server = createServer(logger, { tls, challenge: challengeOf(signIn), answers });
    addRoutes(server, ROUTES, context, identify(checkTokens(context)));
    undo.push(() => server.close());
    return {
      folder,
      context,
      server,
      tls,
      listenLocally: async () => {
        const local = await openLocalSocket(server);
        undo.push(() => local.close());
        return local.path;
      },
      enginePeakRssBytes: () => usage.engine.peakRssBytes,
      close: () => unwind(undo),
    };
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

const storageState = (
  clock: Clock,
  folder: DataFolder,
  { control, usage }: Pick<Context, "control" | "usage">,
  logger: FastifyBaseLogger,
): StorageState =>
  new StorageState(
    clock,
    {
      "data folder": () => probeFolder(folder.path),
      "control store": async () => {
        await control.ping();
        return undefined;
      },
      "usage store": async () => {
        await usage.ping();
        return await usage.brokenData();
      },
    },
    (part, error) => logger.error({ part, err: error }, "something is wrong with what everything is kept in"),
  );

/** The only place that asks which engine keeps the usage. */
async function openUsageStore(
  settings: Settings,
  { usageFolder, spoolFolder }: DataFolder,
  days: UsageDayStore,
): Promise<EngineUsageStore> {
  const memoryBytesMax = settings.engineMemoryMiBMax * MiB;
  if (settings.usageEngineUrl === "") {
    return await openChdbUsageStore({ folder: usageFolder, spoolFolder, memoryBytesMax, days });
  }
  // Only here, as most start without a server.
  const { openClickhouseUsageStore } = await import("./storage/usage/clickhouse/open.ts");
  return await openClickhouseUsageStore({
    urls: settings.usageEngineUrl.split(","),
    database: settings.usageEngineDatabase,
    user: settings.usageEngineUser,
    passwordFile: settings.usageEnginePasswordFile,
    authorityFile: settings.usageEngineCaFile,
    cluster: settings.usageCluster,
    replicated: settings.usageReplicated,
    memoryBytesMax,
    embeddedFolder: usageFolder,
    days,
  });
}

function resolverOf(settings: Settings, control: ControlStore, clock: Clock): Resolver {
  const { resolverUrl: url, resolverTimeoutMs: timeoutMs, resolverCacheSeconds } = settings;
  const upstream =
    url === "" ? undefined : httpResolver({ url, timeoutMs, cacheMs: resolverCacheSeconds * 1_000, clock });
  return catalogueResolver(control.catalogue, upstream);
}

/** What the settings say of approvals, of limits, and of what is taken beyond the contract. */
function rulesOf(
  settings: Settings,
  delivery: Delivery | undefined,
): Pick<Context, "approvals" | "leniency" | "requestLimits"> {
  const { autoApprove, customerIdCase, oldScripts, readsPerMinuteMax, writesPerMinuteMax } = settings;
  return {
    approvals: { autoApprove, notify: delivery !== undefined, recorded: () => delivery?.wake() },
    leniency: { customerIdCase: customerIdCase === "lenient", oldScripts },
    requestLimits: { readsPerMinuteMax, writesPerMinuteMax },
  };
}

const invalidPeriods = ({ periodBegins }: Settings, reason: string): Fault =>
  new Fault("SettingInvalid", { setting: "periodBegins", value: periodBegins, reason });

/** @throws Fault SettingInvalid */
function periodRulesOf(settings: Settings): readonly PeriodRule[] {
  const rules = readPeriodRules(settings.periodBegins);
  if (typeof rules === "string") throw invalidPeriods(settings, rules);
  return rules;
}

/** Nothing that is closed may move. @throws Fault SettingInvalid */
async function periodsOf(
  settings: Settings,
  rules: readonly PeriodRule[],
  { documents }: ControlStore,
): Promise<BillingPeriods> {
  const periods = new BillingPeriods(rules);
  for (const { period, from, to } of await documents.closings({})) {
    const named = periods.named(period);
    if (named.from !== from || named.to !== to) throw invalidPeriods(settings, `${period} is closed with other hours`);
  }
  return periods;
}

const archivesOf = (
  { archiveFolder: elsewhere, usageRetentionMonths: retentionMonths, correctableMonths }: Settings,
  folder: DataFolder,
): Pick<Context, "retention" | "archiveFolder" | "archiving" | "exportSpool" | "openPayerSpool"> => ({
  retention: { retentionMonths, correctableMonths },
  archiveFolder: archiveFolder(elsewhere || folder.archiveFolder),
  archiving: new ArchiveProgress(),
  exportSpool: exportSpool(folder.exportFolder),
  openPayerSpool: payerSpools(folder.exportFolder),
});

function webhookDelivery(
  { approvalWebhookUrl: url, approvalWebhookSecretFile: secretFile }: Settings,
  control: ControlStore,
  clock: Clock,
  logger: FastifyBaseLogger,
): Delivery | undefined {
  if (url === "") return undefined;
  const deliver = postTo({ url, secret: secretFile === "" ? undefined : readSecret(secretFile), clock });
  return startDelivery({ control, clock }, deliver, (error) => logger.error({ err: error }, "notifying failed inside"));
}

async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
}

function answersOf({ refusalStatuses, documentationUrl }: Settings, publicUrl: () => string): FaultAnswers {
  const read = readRefusalStatuses(refusalStatuses);
  // The settings were read before; whoever makes them in another way is told here.
  if ("reason" in read) {
    throw new Fault("SettingInvalid", { setting: "refusalStatuses", value: refusalStatuses, reason: read.reason });
  }
  return faultAnswers(read.statuses, () => documentationUrl || `${publicUrl()}${ERROR_PAGES}`);
}
