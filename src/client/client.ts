import { ClosingCalls } from "./closing.ts";
import type { CompletenessInfo } from "./completenessTypes.ts";
import { Ledger } from "./ledger.ts";
import type { PriceSheetInfo } from "./priceTypes.ts";
import type { UsageExplanationInfo } from "./usageExplanationTypes.ts";
import { MeterCalls } from "./meterCalls.ts";
import { PriceCalls } from "./priceCalls.ts";
import { Totals } from "./totals.ts";
import { UsageCalls } from "./usageCalls.ts";
import { allPages, type List, query } from "./query.ts";
import { type Call, type Endpoint, type Reply, send } from "./transport.ts";
import type { IntakeLastLine } from "./intakeLines.ts";
import type {
  ApprovalInfo,
  ApprovalListInfo,
  CatalogueChangeInfo,
  CatalogueEntryInfo,
  CatalogueImportInfo,
  CataloguePageInfo,
  AccessInfo,
  AuditInfo,
  AuditVerificationInfo,
  CatalogueRow,
  CreatedCredentialInfo,
  CredentialInfo,
  CustomerSubscriptionInfo,
  ExplanationInfo,
  IntakeInfo,
  LocalSubscriptionInfo,
  LocalSubscriptionRow,
  MailInfo,
  MappingChangeInfo,
  NotificationInfo,
  NewCredentialInfo,
  ParkedInfo,
  RefusalBody,
  RegistrationInfo,
  SigningKeyInfo,
  StatementInfo,
  StatementRunInfo,
  StatementSummaryInfo,
} from "./types.ts";

/** The server said no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly refusal: RefusalBody;

  constructor(status: number, refusal: RefusalBody) {
    super(refusal.message);
    this.name = "Refused";
    this.status = status;
    this.code = refusal.code;
    this.refusal = refusal;
  }

  /** Cause and remedy, in the language of the call. */
  get explanation(): { readonly cause: string; readonly remedy: readonly string[] } {
    const info = this.#info("StampbookExplanation") as { cause: string; remedy: string[] } | undefined;
    return info ?? { cause: "", remedy: [] };
  }

  /** What was kept of a usage body that was refused as a whole. */
  get intake(): IntakeInfo | undefined {
    // Other refusals have other details: of a registration that is not there, those that are like it.
    const info = this.#info("StampbookDetails") as Partial<IntakeInfo> | undefined;
    return info?.counts === undefined || info.problems === undefined ? undefined : (info as IntakeInfo);
  }

  /** What else was said, for example candidates, or what was kept of an import. */
  get details(): unknown {
    return this.#info("StampbookDetails");
  }

  #info(type: string): unknown {
    return this.refusal.additionalInfo?.find((info) => info.type === type)?.info;
  }
}

export interface Scope {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const API_VERSION = "api-version=2017-06-01";
const RESOURCES_API_VERSION = "api-version=2021-04-01";
const part = encodeURIComponent;

type Page = { readonly limit?: number; readonly offset?: number };

const registrationPath = ({ subscription, resourceGroup, name }: Scope): string =>
  `/subscriptions/${part(subscription)}/resourceGroups/${part(resourceGroup)}/providers/Microsoft.AzureStack/registrations/${part(name)}`;

/** Talks to a server through its public faces, and has no other way in. */
export class Client {
  readonly #endpoint: Endpoint;
  readonly #language: string;
  readonly ledger = new Ledger(this);
  readonly meters = new MeterCalls(this);
  readonly prices = new PriceCalls(this);
  readonly totals = new Totals(this);
  readonly usage = new UsageCalls(this);
  readonly closing = new ClosingCalls(this);

  constructor(endpoint: Endpoint, language = "en") {
    this.#endpoint = endpoint;
    this.#language = language;
  }

  /** @throws Refused, Unreachable */
  async call<Body>(call: Call): Promise<Body> {
    const reply = await this.send(call);
    if (reply.status >= 200 && reply.status < 300) return reply.body as Body;
    const { error } = (reply.body ?? {}) as { error?: RefusalBody };
    throw new Refused(reply.status, error ?? { code: `HTTP ${reply.status}`, message: String(reply.body) });
  }

  send(call: Call): Promise<Reply> {
    return send(this.#endpoint, { language: this.#language, ...call });
  }

  async registrations(): Promise<readonly RegistrationInfo[]> {
    return await allPages(this, "/v1/registrations");
  }

  /** @param registration number, cloud id, resource id or name */
  async registration(registration: string): Promise<RegistrationInfo> {
    return await this.call({ method: "GET", path: `/v1/registrations/${part(registration)}` });
  }

  /** Registers a stamp, and makes what a registration needs: the provider switched on, and the resource group. */
  async register(scope: Scope, registrationToken: string): Promise<unknown> {
    const { subscription, resourceGroup } = scope;
    await this.call({
      method: "POST",
      path: `/subscriptions/${part(subscription)}/providers/Microsoft.AzureStack/register?${RESOURCES_API_VERSION}`,
    });
    const group = `/subscriptions/${part(subscription)}/resourceGroups/${part(resourceGroup)}?${RESOURCES_API_VERSION}`;
    if ((await this.send({ method: "HEAD", path: group })).status === 404) {
      await this.call({ method: "PUT", path: group, json: { location: "global" } });
    }
    const json = { location: "global", properties: { registrationToken } };
    return await this.call({ method: "PUT", path: `${registrationPath(scope)}?${API_VERSION}`, json });
  }

  async activationKey(registration: string): Promise<string> {
    const path = `/v1/registrations/${part(registration)}/activation-key`;
    return (await this.call<{ activationKey: string }>({ method: "POST", path })).activationKey;
  }

  /** A new key signs from now on; what was signed before still verifies. */
  async rotateActivationKey(): Promise<{ readonly kid: string; readonly retired: readonly string[] }> {
    return await this.call({ method: "POST", path: "/v1/activation-keys/rotation" });
  }

  /** The keys that verify activation keys, as a JSON Web Key Set. */
  async verificationKeys(): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }> {
    return await this.call({ method: "GET", path: "/.well-known/stampbook/activation-keys" });
  }

  async approval(registration: string, action: string, reason?: string): Promise<ApprovalInfo> {
    const path = `/v1/registrations/${part(registration)}/approval/${part(action)}`;
    return await this.call({ method: "POST", path, json: { reason } });
  }

  /** @param state all unless given */
  async approvals(state?: string): Promise<readonly ApprovalListInfo[]> {
    return await allPages(this, "/v1/approvals", { state });
  }

  async approvalText(registration: string): Promise<MailInfo> {
    return await this.call({ method: "GET", path: `/v1/registrations/${part(registration)}/approval/text` });
  }

  async notifications(): Promise<readonly NotificationInfo[]> {
    return (await this.call<List<NotificationInfo>>({ method: "GET", path: "/v1/notifications" })).value;
  }

  async approvalHistory(registration: string): Promise<readonly Record<string, string>[]> {
    const path = `/v1/registrations/${part(registration)}/approval`;
    return (await this.call<List<Record<string, string>>>({ method: "GET", path })).value;
  }

  async map(scope: Scope, customerSubscription: string, tenant?: string): Promise<CustomerSubscriptionInfo> {
    const path = `${registrationPath(scope)}/customerSubscriptions/${part(customerSubscription)}?${API_VERSION}`;
    const json = { properties: tenant === undefined ? {} : { tenantId: tenant } };
    return await this.call({ method: "PUT", path, json });
  }

  async mapped(scope: Scope, customerSubscription: string): Promise<CustomerSubscriptionInfo> {
    const path = `${registrationPath(scope)}/customerSubscriptions/${part(customerSubscription)}?${API_VERSION}`;
    return await this.call({ method: "GET", path });
  }

  /** False when nothing was mapped. */
  async unmap(scope: Scope, customerSubscription: string): Promise<boolean> {
    const path = `${registrationPath(scope)}/customerSubscriptions/${part(customerSubscription)}?${API_VERSION}`;
    return (await this.send({ method: "DELETE", path }).then((reply) => this.#accepted(reply))) === 200;
  }

  #accepted(reply: Reply): number {
    if (reply.status < 300) return reply.status;
    throw new Refused(reply.status, (reply.body as { error: RefusalBody }).error);
  }

  async credentials(): Promise<readonly CredentialInfo[]> {
    return (await this.call<List<CredentialInfo>>({ method: "GET", path: "/v1/credentials" })).value;
  }

  async createCredential(wanted: NewCredentialInfo): Promise<CreatedCredentialInfo> {
    return await this.call({ method: "POST", path: "/v1/credentials", json: wanted });
  }

  async revokeCredential(clientId: string): Promise<{ clientId: string; revoked: boolean }> {
    return await this.call({ method: "DELETE", path: `/v1/credentials/${part(clientId)}` });
  }

  async signingKeys(): Promise<readonly SigningKeyInfo[]> {
    return (await this.call<List<SigningKeyInfo>>({ method: "GET", path: "/v1/signing-keys" })).value;
  }

  async rotateSigningKey(): Promise<SigningKeyInfo> {
    return await this.call({ method: "POST", path: "/v1/signing-keys/rotate" });
  }

  async access(filter: { of?: string; scope?: string } = {}): Promise<readonly AccessInfo[]> {
    return (await this.call<List<AccessInfo>>({ method: "GET", path: `/v1/access${query(filter)}` })).value;
  }

  async grantAccess(
    scope: string,
    grant: { role: string; principal: string; principalType?: string; issuer?: string },
  ): Promise<AccessInfo> {
    return await this.call({ method: "POST", path: `/v1/access${query({ scope })}`, json: grant });
  }

  async revokeAccess(id: string): Promise<{ id: string; revoked: boolean }> {
    return await this.call({ method: "DELETE", path: `/v1/access/${part(id)}` });
  }

  async mappings(
    registration: string,
    of: { tenant?: string; asOf?: string } = {},
  ): Promise<readonly MappingChangeInfo[]> {
    return await allPages(this, `/v1/registrations/${part(registration)}/mappings`, of);
  }

  /** @param page `after` is the `next` of the page before */
  async catalogue(page: { after?: string; limit?: number } = {}): Promise<CataloguePageInfo> {
    return await this.call({ method: "GET", path: `/v1/catalogue/subscriptions${query(page)}` });
  }

  async catalogueEntry(subscription: string): Promise<CatalogueEntryInfo> {
    return await this.call({ method: "GET", path: `/v1/catalogue/subscriptions/${part(subscription)}` });
  }

  async putCatalogueEntry(
    subscription: string,
    entry: Readonly<Record<string, string | undefined>>,
  ): Promise<CatalogueEntryInfo & { readonly outcome: string }> {
    return await this.call({
      method: "PUT",
      path: `/v1/catalogue/subscriptions/${part(subscription)}`,
      json: entry,
    });
  }

  /** False when it was not there. */
  async removeCatalogueEntry(subscription: string): Promise<boolean> {
    const path = `/v1/catalogue/subscriptions/${part(subscription)}`;
    return this.#accepted(await this.send({ method: "DELETE", path })) === 200;
  }

  async catalogueHistory(subscription: string): Promise<readonly CatalogueChangeInfo[]> {
    const path = `/v1/catalogue/subscriptions/${part(subscription)}/history`;
    return (await this.call<List<CatalogueChangeInfo>>({ method: "GET", path })).value;
  }

  async importCatalogue(stream: NonNullable<Call["stream"]>): Promise<CatalogueImportInfo> {
    return await this.call({ method: "POST", path: "/v1/catalogue/import", stream });
  }

  async putCatalogue(value: readonly CatalogueRow[]): Promise<{ stored: number }> {
    return await this.call({ method: "PUT", path: "/v1/catalogue/subscriptions", json: { value } });
  }

  /** @param of `at` is an instant in a usage hour, `asOf` the moment of knowledge */
  async localSubscriptions(
    registration: string,
    of: { at?: string; asOf?: string } = {},
  ): Promise<readonly LocalSubscriptionInfo[]> {
    return await allPages(this, `/v1/registrations/${part(registration)}/local-subscriptions`, of);
  }

  async localSubscriptionHistory(
    registration: string,
    localSubscription: string,
    of: { asOf?: string } = {},
  ): Promise<readonly LocalSubscriptionInfo[]> {
    const path = `/v1/registrations/${part(registration)}/local-subscriptions/${part(localSubscription)}/history`;
    return await allPages(this, path, of);
  }

  async putLocalSubscriptions(
    registration: string,
    value: readonly LocalSubscriptionRow[],
  ): Promise<{ readonly stored: number; readonly changes: number }> {
    return await this.call({
      method: "PUT",
      path: `/v1/registrations/${part(registration)}/local-subscriptions`,
      json: { value },
    });
  }

  /** Newest first; `before` is the number of a record. */
  async audit(
    asked: { target?: string; actor?: string; outcome?: string; since?: string; before?: number; limit?: number } = {},
  ): Promise<readonly AuditInfo[]> {
    return (await this.call<List<AuditInfo>>({ method: "GET", path: `/v1/audit${query(asked)}` })).value;
  }

  async verifyAudit(head?: string): Promise<AuditVerificationInfo> {
    return await this.call({ method: "GET", path: `/v1/audit/verification${query({ head })}` });
  }

  async takeIn(
    registration: string,
    stream: NonNullable<Call["stream"]>,
    window?: { readonly start: string; readonly end: string },
    idempotencyKey?: string,
  ): Promise<IntakeInfo> {
    const parameters = { registration, reportedStartTime: window?.start, reportedEndTime: window?.end };
    return await this.call({ method: "POST", path: `/v1/usage${query(parameters)}`, stream, idempotencyKey });
  }

  /**
   * As `takeIn`, and gives a line for each record on as soon as it is durable.
   * @throws Refused, Unreachable
   */
  async takeInByLines(
    registration: string,
    stream: NonNullable<Call["stream"]>,
    options: {
      readonly window?: { readonly start: string; readonly end: string };
      readonly onLines: NonNullable<Call["onLines"]>;
    },
  ): Promise<IntakeLastLine> {
    const { window, onLines } = options;
    const parameters = { registration, reportedStartTime: window?.start, reportedEndTime: window?.end };
    return await this.call({ method: "POST", path: `/v1/usage${query(parameters)}`, stream, onLines });
  }

  async parked(of: Readonly<Record<string, string | number | undefined>> = {}): Promise<readonly ParkedInfo[]> {
    return (await this.call<List<ParkedInfo>>({ method: "GET", path: `/v1/usage/parked${query(of)}` })).value;
  }

  async explainUsage(search: Readonly<Record<string, string | number | undefined>>): Promise<UsageExplanationInfo> {
    return await this.call({ method: "GET", path: `/v1/usage/explain${query(search)}` });
  }

  /** @param registration number, cloud id, resource id or name */
  async completeness(
    registration: string,
    hours: { readonly from?: string; readonly to?: string } = {},
  ): Promise<CompletenessInfo> {
    return await this.call({ method: "GET", path: `/v1/stamps/${part(registration)}/completeness${query(hours)}` });
  }

  async priceSheet(): Promise<PriceSheetInfo> {
    return await this.call({ method: "GET", path: "/v1/price-sheet" });
  }

  async runStatements(period: string): Promise<StatementRunInfo> {
    return await this.call({ method: "POST", path: "/v1/statement-runs", json: { period } });
  }

  async statementRun(period: string): Promise<StatementRunInfo> {
    return await this.call({ method: "GET", path: `/v1/statement-runs/${part(period)}` });
  }

  async statements(period: string): Promise<readonly StatementSummaryInfo[]> {
    return await allPages(this, "/v1/statements", { period });
  }

  async statement(number: string): Promise<StatementInfo> {
    return await this.call({ method: "GET", path: `/v1/statements/${part(number)}` });
  }

  async explain(number: string, line: number, page: Page = {}): Promise<ExplanationInfo> {
    const path = `/v1/statements/${part(number)}/lines/${line}/explanation${query(page)}`;
    return await this.call({ method: "GET", path });
  }
}
