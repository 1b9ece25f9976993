import type { ENGLISH } from "./texts/english.ts";

/**
 * What kind of no it is. The HTTP faces turn a kind into a status in one table (http/errorBody.ts): the domain knows
 * no HTTP.
 */
export type FaultKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "precondition"
  | "mismatch"
  | "method"
  | "incomplete"
  | "throttled"
  | "too-large"
  | "head-too-large"
  | "unsupported"
  | "upstream"
  | "unavailable"
  | "defect";

export interface FaultEntry {
  readonly kind: FaultKind;
  /** The property or parameter that is wrong, where it is always the same one. */
  readonly target?: string;
  /** The same request may succeed a little later; the kinds `upstream` and `unavailable` always may. */
  readonly passes?: true;
}

/**
 * Every code that can leave Stampbook, once. The eight refusals come first, in their order of precedence
 * (contract/registration.md §6.5); documentation and tests keep this order.
 */
export const FAULTS = {
  RegistrationNotFound: { kind: "not-found", target: "registrationName" },
  CustomerSubscriptionsNotAllowed: { kind: "conflict", target: "billingModel" },
  UnauthorizedCspRegistration: { kind: "forbidden", target: "registrationName" },
  InvalidCustomerSubscriptionId: { kind: "invalid", target: "customerSubscriptionId" },
  MetadataResolverBadGatewayError: { kind: "upstream", target: "customerSubscriptionId" },
  InvalidCSPSubscription: { kind: "invalid", target: "customerSubscriptionId" },
  BadCustomerSubscriptionId: { kind: "invalid", target: "customerSubscriptionId" },
  CustomerSubscriptionNotFound: { kind: "not-found", target: "customerSubscriptionId" },

  AuthenticationFailed: { kind: "unauthenticated", target: "Authorization" },
  AuthorizationFailed: { kind: "forbidden" },

  InvalidAuthenticationToken: { kind: "unauthenticated", target: "Authorization" },
  ExpiredAuthenticationToken: { kind: "unauthenticated", target: "Authorization" },
  InvalidAuthenticationTokenAudience: { kind: "unauthenticated", target: "Authorization" },
  InvalidAuthenticationTokenTenant: { kind: "unauthenticated", target: "Authorization" },
  IssuerUnavailable: { kind: "unavailable", target: "Authorization" },
  SignInFailed: { kind: "unauthenticated" },
  CredentialNotFound: { kind: "not-found", target: "clientId" },
  CredentialExists: { kind: "conflict", target: "clientId" },

  InvalidRegistrationToken: { kind: "invalid", target: "properties.registrationToken" },
  CloudIdUpdateNotAllowed: { kind: "conflict", target: "properties.registrationToken" },
  CloudIdAlreadyRegistered: { kind: "conflict", target: "properties.registrationToken" },
  InvalidApiVersionParameter: { kind: "invalid", target: "api-version" },
  SubscriptionNotFound: { kind: "not-found", target: "subscriptionId" },
  ReadOnlyDisabledSubscription: { kind: "conflict", target: "subscriptionId" },
  MissingSubscriptionRegistration: { kind: "conflict" },
  ResourceGroupNotFound: { kind: "not-found", target: "resourceGroupName" },
  InvalidResourceGroupLocation: { kind: "conflict", target: "location" },
  ResourceMoveConflict: { kind: "conflict", target: "targetResourceGroup" },
  ResourceMoveNotSupported: { kind: "invalid", target: "resources" },
  ScopeLocked: { kind: "conflict" },
  PreconditionFailed: { kind: "precondition" },
  InvalidResourceType: { kind: "not-found" },
  InvalidResourceNamespace: { kind: "not-found" },
  MethodNotAllowed: { kind: "method" },
  LocationRequired: { kind: "invalid", target: "location" },
  InvalidFilterInQueryString: { kind: "invalid", target: "$filter" },
  LockNotFound: { kind: "not-found" },
  RoleAssignmentNotFound: { kind: "not-found" },
  RoleAssignmentExists: { kind: "conflict" },
  RoleDefinitionDoesNotExist: { kind: "invalid", target: "properties.roleDefinitionId" },
  LocationNotAvailableForResourceType: { kind: "invalid", target: "location" },
  InvalidSubscriptionId: { kind: "invalid", target: "subscriptionId" },
  ResourceNotFound: { kind: "not-found" },
  MissingApiVersionParameter: { kind: "invalid", target: "api-version" },
  NoRegisteredProviderFound: { kind: "invalid", target: "api-version" },
  InvalidRequestContent: { kind: "invalid" },
  InvalidParameter: { kind: "invalid" },
  RouteNotFound: { kind: "not-found" },
  UnsupportedMediaType: { kind: "unsupported", target: "content-type" },
  RequestTooLarge: { kind: "too-large" },
  RequestHeadTooLarge: { kind: "head-too-large" },
  SubscriptionRequestsThrottled: { kind: "throttled", target: "subscriptionId" },
  TooManyRequests: { kind: "throttled" },
  InternalServerError: { kind: "defect" },

  NoApiVersion: { kind: "invalid", target: "api-version" },
  InvalidProperty: { kind: "invalid" },
  RequestEndTimeIsInFuture: { kind: "invalid", target: "reportedEndTime" },
  SubscriberIdIsNotDirectTenant: { kind: "invalid", target: "subscriberId" },
  SubscriptionIdMissingInRequest: { kind: "invalid", target: "subscriptionId" },
  InvalidAggregationGranularity: { kind: "invalid", target: "aggregationGranularity" },
  ProcessingNotComplete: { kind: "incomplete", target: "reportedEndTime" },
  ServiceUnavailable: { kind: "unavailable" },

  RegistrationAmbiguous: { kind: "invalid", target: "registration" },
  ApprovalStateConflict: { kind: "conflict", target: "action" },

  AuditChainBroken: { kind: "conflict" },
  AuditHeadNotFound: { kind: "conflict", target: "head" },
  ActivationKeyUnreadable: { kind: "invalid", target: "activationKey" },
  ActivationKeyUnknown: { kind: "invalid", target: "activationKey" },
  ActivationKeySignatureWrong: { kind: "invalid", target: "activationKey" },
  ErrorCodeUnknown: { kind: "not-found", target: "code" },
  FileUnwritable: { kind: "invalid", target: "file" },

  IdempotencyKeyInvalid: { kind: "invalid", target: "idempotency-key" },
  IdempotencyKeyReused: { kind: "mismatch", target: "idempotency-key" },
  IdempotentRequestRunning: { kind: "conflict", target: "idempotency-key", passes: true },
  ReportedWindowMissing: { kind: "invalid", target: "reportedStartTime" },
  ReportedWindowInvalid: { kind: "invalid", target: "reportedStartTime" },
  UsageBodyEmpty: { kind: "invalid" },
  UsageBodyIsHtml: { kind: "invalid" },
  UsageBodyIsError: { kind: "invalid" },
  UsageBodyNotPage: { kind: "invalid" },
  UsageBodyNotArray: { kind: "invalid" },
  UsageBodyMalformed: { kind: "invalid" },
  UsageBodyNotUtf8: { kind: "invalid" },
  UsageBodyTruncated: { kind: "invalid" },
  UsageBodyEncodingBroken: { kind: "invalid", target: "content-encoding" },
  UsageBodyTooLarge: { kind: "too-large" },
  RecordTooLarge: { kind: "invalid" },
  RecordTooDeep: { kind: "invalid" },
  RecordNotUtf8: { kind: "invalid" },
  RecordTruncated: { kind: "invalid" },
  RecordNotJson: { kind: "invalid" },
  RecordPropertyMissing: { kind: "invalid" },
  RecordPropertyInvalid: { kind: "invalid" },
  EventVersionUnsupported: { kind: "invalid", target: "specversion" },
  EventTypeUnsupported: { kind: "invalid", target: "type" },
  EventAttributeNameInvalid: { kind: "invalid" },
  EventDataUnsupported: { kind: "invalid", target: "datacontenttype" },
  QuantityNotANumber: { kind: "invalid", target: "properties.quantity" },
  QuantityNegative: { kind: "invalid", target: "properties.quantity" },
  QuantityTooManyDigits: { kind: "invalid", target: "properties.quantity" },
  UsageTimeReversed: { kind: "invalid", target: "properties.usageEndTime" },
  UsageTimeNotOneHour: { kind: "invalid", target: "properties.usageEndTime" },
  UsageTimeNotAligned: { kind: "invalid", target: "properties.usageStartTime" },
  UsageTimeInFuture: { kind: "invalid", target: "properties.usageEndTime" },
  UsageTimeTooOld: { kind: "invalid", target: "properties.usageStartTime" },

  CatalogueSubscriptionNotFound: { kind: "not-found", target: "subscription" },
  CatalogueFileUnreadable: { kind: "invalid" },
  CatalogueColumnUnknown: { kind: "invalid", target: "header" },
  CatalogueColumnMissing: { kind: "invalid", target: "header" },
  CatalogueRowUnreadable: { kind: "invalid" },
  CatalogueRowInvalid: { kind: "invalid" },
  ApprovalReasonMissing: { kind: "invalid", target: "reason" },

  UsageBatchNotFound: { kind: "not-found", target: "batch" },
  UsageBatchNotWithdrawable: { kind: "conflict", target: "batch" },
  ConflictNotFound: { kind: "not-found", target: "record" },
  VersionNotFound: { kind: "invalid", target: "content" },
  UsageReasonMissing: { kind: "invalid", target: "reason" },
  UsageRecordNotFound: { kind: "not-found" },
  MeterIsBuiltIn: { kind: "conflict", target: "meter" },
  OperatorMetersTooMany: { kind: "conflict", target: "meter" },
  ConversionFactorInvalid: { kind: "invalid", target: "factor" },

  PeriodInvalid: { kind: "invalid", target: "period" },
  FxRateMissing: { kind: "conflict", target: "currency" },
  CapacityCoresUnknown: { kind: "conflict", target: "registration" },
  CapacityPackageMissing: { kind: "conflict", target: "sheet" },
  StatementRunNotFound: { kind: "not-found", target: "period" },
  StatementNotFound: { kind: "not-found", target: "number" },
  StatementLineNotFound: { kind: "not-found", target: "line" },
  PeriodNotEnded: { kind: "conflict", target: "period" },
  PeriodPartnerUnknown: { kind: "not-found", target: "partner" },
  CheckUnknown: { kind: "invalid", target: "accept" },
  CheckNotAcceptable: { kind: "invalid", target: "accept" },
  AcceptanceReasonMissing: { kind: "invalid", target: "reason" },
  CloseChecksFailed: { kind: "conflict", target: "period" },
  PeriodNotClosed: { kind: "conflict", target: "period" },
  CorrectionReasonMissing: { kind: "invalid", target: "reason" },
  CorrectionNotFound: { kind: "not-found", target: "number" },

  PriceSheetNotFound: { kind: "not-found", target: "sheet" },
  PriceVersionNotFound: { kind: "not-found", target: "version" },
  PriceDraftNotFound: { kind: "not-found", target: "sheet" },
  PriceNotFound: { kind: "not-found", target: "commerceMeter" },
  PriceSheetIsBuiltIn: { kind: "conflict", target: "sheet" },
  PriceSheetsTooMany: { kind: "conflict", target: "sheet" },
  PriceVersionHourTaken: { kind: "conflict", target: "from" },
  PriceCurrencyChanged: { kind: "conflict", target: "currency" },
  PriceChangeInClosedPeriod: { kind: "conflict", target: "from" },
  PriceSheetNotInForce: { kind: "conflict", target: "sheet" },
  FxRateInUse: { kind: "conflict", target: "period" },
  CurrencyUnknown: { kind: "invalid", target: "currency" },
  PriceFileUnreadable: { kind: "invalid" },
  PriceFileInvalid: { kind: "invalid" },
  PriceColumnUnknown: { kind: "invalid", target: "header" },
  PriceColumnMissing: { kind: "invalid", target: "header" },
  PriceRowUnreadable: { kind: "invalid" },
  PriceRowInvalid: { kind: "invalid" },
  PriceRowTwice: { kind: "invalid", target: "meter" },
  PriceMeterUnknown: { kind: "invalid", target: "meter" },
  PriceTiersInvalid: { kind: "invalid", target: "tierFrom" },
  PriceNumberInvalid: { kind: "invalid" },
  PriceNegative: { kind: "invalid" },
  PriceTooManyDigits: { kind: "invalid" },

  ReconciliationFileUnreadable: { kind: "invalid" },
  ReconciliationFileInvalid: { kind: "invalid" },
  ReconciliationColumnMissing: { kind: "invalid", target: "header" },
  ReconciliationRowUnreadable: { kind: "invalid" },
  ReconciliationValueInvalid: { kind: "invalid" },
  ReconciliationTooLarge: { kind: "invalid" },

  PeriodArchived: { kind: "conflict", target: "period" },
  UsageArchived: { kind: "conflict" },
  MonthNotArchivable: { kind: "conflict", target: "month" },
  ArchiveNotFound: { kind: "not-found", target: "month" },
  ArchiveDamaged: { kind: "unavailable", target: "month" },
  ArchiveUnequal: { kind: "unavailable", target: "month" },
  ArchiveFolderUnusable: { kind: "unavailable", target: "archiveFolder" },

  UsageEngineUnavailable: { kind: "unavailable" },
  ControlStoreUnavailable: { kind: "unavailable" },
  DataFolderInUse: { kind: "unavailable", target: "dataFolder" },
  DataFolderUnusable: { kind: "unavailable", target: "dataFolder" },
  SchemaTooNew: { kind: "unavailable", target: "dataFolder" },
  SettingInvalid: { kind: "invalid" },
  FileUnreadable: { kind: "invalid", target: "file" },
  ServerUnreachable: { kind: "unavailable", target: "server" },
  BridgeConfigInvalid: { kind: "invalid", target: "config" },
  CredentialFileExposed: { kind: "invalid", target: "file" },
  BridgeFolderInUse: { kind: "unavailable", target: "stateFolder" },
  BridgeFolderUnusable: { kind: "unavailable", target: "stateFolder" },
  BridgeStateDamaged: { kind: "unavailable", target: "stateFolder" },
  BundleInvalid: { kind: "invalid", target: "file" },
  BundleSenderUnknown: { kind: "invalid", target: "file" },
  ReceiptInvalid: { kind: "invalid", target: "file" },
} as const satisfies Record<string, FaultEntry>;

export type FaultCode = keyof typeof FAULTS;
export const FAULT_CODES = Object.keys(FAULTS) as FaultCode[];

/** The eight refusals of the registration plane, in order of precedence. */
export const REFUSAL_CODES = FAULT_CODES.slice(0, 8);

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type TextsOf<Code extends FaultCode> =
  | (typeof ENGLISH)[Code]["message" | "cause"]
  | (typeof ENGLISH)[Code]["remedy"][number];

/** The values that a fault's texts need; a missing or misspelt one does not compile. */
export type FaultParams<Code extends FaultCode> = Readonly<Record<Placeholders<TextsOf<Code>>, string | number>>;
