/** Roles by letter, so that who may do what fits a line. */
export const ROLE_OF: Readonly<Record<string, string>> = {
  O: "Owner",
  C: "Contributor",
  R: "Reader",
  G: "Azure Stack Registration Owner",
  P: "Partner Approver",
  B: "Billing Reader",
  T: "Tenant Reader",
};

/**
 * Where a route asks for its permission; `root` is the whole Stampbook. `stamps` is a subscription or any registration in
 * it: whoever has the role on one sees what is there.
 */
export type At = "root" | "subscription" | "group" | "registration" | "stamps";

/** Written by hand: action, roles that allow it, where it is asked for, and the routes that need it. */
export type Row = readonly [action: string, roles: string, at: At, routes: readonly string[]];

const S = "/subscriptions/:subscription";
const G = `${S}/resourceGroups/:resourceGroup`;
const R = `${G}/providers/Microsoft.AzureStack/registrations/:registration`;
const V = "/v1/registrations/:registration";
const AUTHORIZATION = "/providers/Microsoft.Authorization";

const PLACES: readonly (readonly [At, string])[] = [
  ["subscription", S],
  ["group", G],
  ["registration", R],
];

const LOCKS_AND_ROLES: readonly Row[] = PLACES.flatMap(([at, path]): Row[] => {
  const [locks, assignments] = [`${path}${AUTHORIZATION}/locks`, `${path}${AUTHORIZATION}/roleAssignments`];
  return [
    ["Microsoft.Authorization/locks/read", "OCR", at, [`GET ${locks}`, `GET ${locks}/:lock`]],
    ["Microsoft.Authorization/locks/write", "O", at, [`PUT ${locks}/:lock`]],
    ["Microsoft.Authorization/locks/delete", "O", at, [`DELETE ${locks}/:lock`]],
    [
      "Microsoft.Authorization/roleAssignments/read",
      "OCR",
      at,
      [`GET ${assignments}`, `GET ${assignments}/:assignment`],
    ],
    ["Microsoft.Authorization/roleAssignments/write", "O", at, [`PUT ${assignments}/:assignment`]],
    ["Microsoft.Authorization/roleAssignments/delete", "O", at, [`DELETE ${assignments}/:assignment`]],
  ];
});

export const GUARDED: readonly Row[] = [
  ...LOCKS_AND_ROLES,
  ["Microsoft.Resources/subscriptions/read", "OCRBT", "subscription", [`GET ${S}`, `GET ${S}/locations`]],
  [
    "Microsoft.Resources/subscriptions/providers/read",
    "OCR",
    "subscription",
    [`GET ${S}/providers`, `GET ${S}/providers/:namespace`],
  ],
  [
    "Microsoft.Commerce/UsageAggregates/read",
    "OCRBT",
    "stamps",
    [`GET ${S}/providers/Microsoft.Commerce/UsageAggregates`],
  ],
  ["Microsoft.Commerce/RateCard/read", "OCRBT", "subscription", [`GET ${S}/providers/Microsoft.Commerce/RateCard`]],
  [
    "Microsoft.Commerce.Admin/subscriberUsageAggregates/read",
    "OCRB",
    "stamps",
    [
      `GET ${S}/providers/Microsoft.Commerce.Admin/subscriberUsageAggregates`,
      `GET ${S}/providers/Microsoft.Commerce/subscriberUsageAggregates`,
      `GET ${S}/providers/Microsoft.Commerce.Admin/locations/../subscriberUsageAggregates`,
    ],
  ],
  ["Microsoft.AzureStack/register/action", "OC", "subscription", [`POST ${S}/providers/:namespace/register`]],
  ["Microsoft.AzureStack/unregister/action", "OC", "subscription", [`POST ${S}/providers/:namespace/unregister`]],
  ["Microsoft.Resources/subscriptions/resourceGroups/read", "OCR", "subscription", [`GET ${S}/resourceGroups`]],
  ["Microsoft.Resources/subscriptions/resourceGroups/read", "OCR", "group", [`GET ${G}`, `HEAD ${G}`]],
  ["Microsoft.Resources/subscriptions/resourceGroups/write", "OC", "group", [`PUT ${G}`, `PATCH ${G}`]],
  ["Microsoft.Resources/subscriptions/resourceGroups/delete", "OC", "group", [`DELETE ${G}`]],
  ["Microsoft.Resources/subscriptions/resourceGroups/moveResources/action", "OC", "group", [`POST ${G}/moveResources`]],
  [
    "Microsoft.AzureStack/registrations/read",
    "OCRGPB",
    "group",
    [`GET ${G}/providers/Microsoft.AzureStack/registrations`],
  ],
  [
    "Microsoft.AzureStack/registrations/read",
    "OCRGPB",
    "subscription",
    [`GET ${S}/providers/Microsoft.AzureStack/registrations`],
  ],
  ["Microsoft.AzureStack/registrations/read", "OCRGPB", "registration", [`GET ${R}`, `HEAD ${R}`, `GET ${V}`]],
  [
    "Microsoft.AzureStack/registrations/write",
    "OC",
    "registration",
    [`PUT ${R}`, `PATCH ${R}`, `POST ${R}/enableRemoteManagement`],
  ],
  ["Microsoft.AzureStack/registrations/delete", "OC", "registration", [`DELETE ${R}`]],
  [
    "Microsoft.AzureStack/registrations/customerSubscriptions/read",
    "OCRB",
    "registration",
    [
      `GET ${R}/customerSubscriptions`,
      `GET ${R}/customerSubscriptions/:customer`,
      `HEAD ${R}/customerSubscriptions/:customer`,
    ],
  ],
  [
    "Microsoft.AzureStack/registrations/customerSubscriptions/write",
    "OC",
    "registration",
    [`PUT ${R}/customerSubscriptions/:customer`],
  ],
  [
    "Microsoft.AzureStack/registrations/customerSubscriptions/delete",
    "OC",
    "registration",
    [`DELETE ${R}/customerSubscriptions/:customer`],
  ],
  ["Stampbook/approvals/request/action", "OCP", "registration", [`POST ${V}/approval/request`]],
  [
    "Stampbook/approvals/decide/action",
    "OP",
    "registration",
    [`POST ${V}/approval/approve`, `POST ${V}/approval/deny`, `POST ${V}/approval/revoke`],
  ],
  ["Stampbook/approvals/read", "OCRP", "registration", [`GET ${V}/approval`, `GET ${V}/approval/text`]],
  ["Stampbook/approvals/read", "OCRP", "root", ["GET /v1/notifications"]],
  ["Stampbook/mappings/read", "OCRB", "registration", [`GET ${V}/mappings`, `GET ${V}/billing-models`]],
  [
    "Stampbook/localSubscriptions/read",
    "OCRGB",
    "registration",
    [`GET ${V}/local-subscriptions`, `GET ${V}/local-subscriptions/:localSubscription/history`],
  ],
  ["Stampbook/localSubscriptions/write", "OCG", "registration", [`PUT ${V}/local-subscriptions`]],
  ["Stampbook/usage/write", "OCG", "registration", ["POST /v1/usage"]],
  [
    "Stampbook/usage/read",
    "OCRB",
    "root",
    ["GET /v1/usage/parked", "GET /v1/usage/archives", "GET /v1/usage/archives/:month/verification"],
  ],
  ["Stampbook/usage/archive/action", "OC", "root", ["POST /v1/usage/archives"]],
  [
    "Stampbook/usage/read",
    "OCRB",
    "registration",
    [
      "GET /v1/usage/batches",
      "GET /v1/usage/changes",
      "GET /v1/usage/conflicts",
      "GET /v1/usage/explain",
      "GET /v1/periods/:period/exports/usage",
    ],
  ],
  ["Stampbook/usage/read", "OCRB", "registration", ["GET /v1/usage/batches/:batch"]],
  ["Stampbook/usage/read", "OCRB", "registration", ["GET /v1/usage/conservation"]],
  ["Stampbook/completeness/read", "OCRGB", "registration", ["GET /v1/stamps/:registration/completeness"]],
  ["Stampbook/usage/rollUp/action", "OC", "root", ["POST /v1/usage/roll-ups"]],
  ["Stampbook/usage/withdraw/action", "OC", "registration", ["POST /v1/usage/batches/:batch/withdrawal"]],
  ["Stampbook/usage/choose/action", "OC", "registration", ["POST /v1/usage/conflicts/:record/choice"]],
  [
    "Stampbook/catalogue/read",
    "OCRPB",
    "root",
    [
      "GET /v1/catalogue/subscriptions",
      "GET /v1/catalogue/subscriptions/:subscription",
      "GET /v1/catalogue/subscriptions/:subscription/history",
    ],
  ],
  [
    "Stampbook/catalogue/write",
    "OC",
    "root",
    [
      "PUT /v1/catalogue/subscriptions",
      "PUT /v1/catalogue/subscriptions/:subscription",
      "DELETE /v1/catalogue/subscriptions/:subscription",
      "POST /v1/catalogue/import",
    ],
  ],
  ["Stampbook/metrics/read", "OCR", "root", ["GET /metrics"]],
  ["Stampbook/meters/read", "OCRB", "root", ["GET /v1/meters", "GET /v1/meters/:meter/history"]],
  ["Stampbook/meters/write", "OC", "root", ["PUT /v1/meters/:meter", "PUT /v1/meters/:meter/mapping"]],
  ["Stampbook/prices/read", "OCRBT", "root", ["GET /v1/price-sheet"]],
  [
    "Stampbook/priceSheets/read",
    "OCRB",
    "root",
    [
      "GET /v1/price-sheets",
      "GET /v1/price-sheets/:sheet/versions",
      "GET /v1/price-sheets/:sheet/versions/:version",
      "GET /v1/price-sheets/:sheet/versions/:version/file",
      "GET /v1/price-sheets/:sheet/diff",
      "GET /v1/price-assignments",
      "GET /v1/fx-rates",
      "GET /v1/unpriced-meters",
    ],
  ],
  [
    "Stampbook/priceSheets/write",
    "OC",
    "root",
    [
      "PUT /v1/price-sheets/:sheet/draft",
      "DELETE /v1/price-sheets/:sheet/draft",
      "POST /v1/price-sheets/:sheet/draft/publish",
      "POST /v1/price-sheets/:sheet/versions/:version/confirmations",
      "POST /v1/price-assignments",
      "POST /v1/fx-rates",
    ],
  ],
  ["Stampbook/statements/write", "OC", "root", ["POST /v1/statement-runs"]],
  [
    "Stampbook/statements/read",
    "OCRBT",
    "root",
    [
      "GET /v1/statement-runs/:period",
      "GET /v1/periods",
      "GET /v1/periods/:period",
      "GET /v1/periods/:period/verification",
      "POST /v1/periods/:period/trials",
      "POST /v1/periods/:period/comparisons",
      "GET /v1/periods/:period/comparisons/:other",
      "GET /v1/periods/:period/partners/:partner/checks",
      "GET /v1/periods/:period/partners/:partner/corrections",
      "GET /v1/periods/:period/partners/:partner/exports/focus",
      "GET /v1/periods/:period/partners/:partner/exports/daily-rated",
      "GET /v1/documents/:number/verification",
    ],
  ],
  ["Stampbook/statements/close/action", "OC", "root", ["POST /v1/periods/:period/partners/:partner/close"]],
  ["Stampbook/statements/correct/action", "OC", "root", ["POST /v1/periods/:period/partners/:partner/corrections"]],
  [
    "Stampbook/statements/read",
    "OCRBT",
    "subscription",
    [
      "GET /v1/statements/:number",
      "GET /v1/statements/:number/lines/:line/explanation",
      "GET /v1/statements/:number/why",
      "GET /v1/corrections/:number",
      "GET /v1/documents/:number/exports/focus",
      "GET /v1/documents/:number/exports/json",
      "GET /v1/documents/:number/exports/csv",
      "GET /v1/documents/:number/exports/pdf",
    ],
  ],
  [
    "Microsoft.AzureStack/generateDeploymentLicense/action",
    "OC",
    "subscription",
    [`POST ${S}/providers/Microsoft.AzureStack/generateDeploymentLicense`],
  ],
  [
    "Microsoft.AzureStack/registrations/getActivationKey/action",
    "OCG",
    "registration",
    [`POST ${R}/getActivationKey`, `POST ${V}/activation-key`],
  ],
  ["Stampbook/audit/read", "OC", "root", ["GET /v1/audit", "GET /v1/audit/verification"]],
  ["Stampbook/activationKeys/rotate/action", "OC", "root", ["POST /v1/activation-keys/rotation"]],
  ["Stampbook/credentials/read", "O", "root", ["GET /v1/credentials", "GET /v1/signing-keys"]],
  [
    "Stampbook/credentials/write",
    "O",
    "root",
    ["POST /v1/credentials", "DELETE /v1/credentials/:client", "POST /v1/signing-keys/rotate"],
  ],
  ["Microsoft.Authorization/roleAssignments/write", "O", "registration", ["POST /v1/access"]],
  ["Microsoft.Authorization/roleAssignments/delete", "O", "registration", ["DELETE /v1/access/:assignment"]],
];

const UNSERVED = ["GET", "PUT", "PATCH", "POST", "DELETE"].flatMap((method) =>
  [G, S, ""].map((path) => `${method} ${path}/providers/*`),
);

/** Open to everybody who has signed in; what they answer is only what the caller may see. */
export const SIGNED_IN: readonly string[] = [
  "GET /providers/Microsoft.Commerce.Admin/operations",
  ...["Microsoft.Commerce/UsageAggregates", "Microsoft.Commerce.Admin/subscriberUsageAggregates"].flatMap((type) => [
    `GET /providers/${type}`,
    `GET /subscriptions/providers/${type}`,
  ]),
  "GET /tenants",
  "GET /subscriptions",
  "GET /providers",
  "GET /providers/:namespace",
  "GET /providers/Microsoft.AzureStack/operations",
  "GET /providers/Microsoft.AzureStack/cloudManifestFiles",
  "GET /providers/Microsoft.AzureStack/cloudManifestFiles/:verificationVersion",
  `GET ${S}/resources`,
  `GET ${G}/resources`,
  ...PLACES.flatMap(([, path]) => [
    `GET ${path}${AUTHORIZATION}/roleDefinitions`,
    `GET ${path}${AUTHORIZATION}/roleDefinitions/:definition`,
    `GET ${path}${AUTHORIZATION}/permissions`,
  ]),
  ...UNSERVED,
  "GET /v1/registrations",
  "GET /v1/approvals",
  "GET /v1/statements",
  "GET /v1/corrections",
  "GET /v1/usage",
  "GET /v1/usage/totals",
  "GET /v1/access",
];

const issuer = (directory: string, version: string): readonly string[] => [
  `GET ${directory}${version}/.well-known/openid-configuration`,
  `POST ${directory}/oauth2${version}/token`,
  `GET ${directory}/oauth2${version}/authorize`,
  `POST ${directory}/oauth2${version}/authorize`,
  `GET ${directory}/discovery${version}/keys`,
];

/** Need no sign-in. */
export const PUBLIC: readonly string[] = [
  "GET /healthz",
  "GET /readyz",
  "GET /v1/version",
  "GET /metadata/endpoints",
  "GET /.well-known/stampbook/activation-keys",
  "GET /docs/errors",
  "GET /docs/errors/:code",
  ...issuer("/adfs", ""),
  ...issuer("/:tenant", ""),
  ...issuer("/:tenant", "/v2.0"),
];

/**
 * Written by hand as well: what whoever may gets to hear in the matrix, where bodies are empty, nothing of the names is there
 * and both subscriptions are locked. The first rule that fits; 200 where none does.
 */
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^HEAD /, "204"],
  [/^GET .*\/RateCard$/, "400 InvalidProperty"],
  [/^GET .*\/locks\/:lock$/, "404 LockNotFound"],
  [/^PUT .*\/locks\/:lock$/, "400 InvalidRequestContent"],
  [/^DELETE .*\/locks\/:lock$/, "204"],
  [/^GET .*\/roleAssignments\/:assignment$/, "404 RoleAssignmentNotFound"],
  [/^(PUT|PATCH|POST|DELETE) \/subscriptions\//, "409 ScopeLocked"],
  [/^GET \/v1\/catalogue\/subscriptions\/:/, "404 CatalogueSubscriptionNotFound"],
  [/^DELETE \/v1\/catalogue\//, "204"],
  [/^POST \/v1\/catalogue\/import$/, "415 UnsupportedMediaType"],
  [/^PUT \/v1\/price-sheets\//, "400 PriceFileUnreadable"],
  [/^DELETE \/v1\/price-sheets\//, "204"],
  [/^GET \/v1\/price-sheets\/:sheet\/(versions$|diff)/, "404 PriceSheetNotFound"],
  [/^GET \/v1\/price-sheets\/:sheet\/versions\//, "400 InvalidParameter"],
  [/^POST \/v1\/(price-|fx-)/, "400 InvalidRequestContent"],
  [/^DELETE \/v1\/credentials\//, "404 CredentialNotFound"],
  [/\/approval\/(request|deny)$/, "409 ApprovalStateConflict"],
  [/\/approval\/revoke$/, "400 ApprovalReasonMissing"],
  [/^POST \/v1\/usage$/, "400 UsageBodyNotPage"],
  [/^GET \/v1\/usage\/archives\/:month\//, "400 PeriodInvalid"],
  [
    /^GET \/v1\/periods\/:period\/(verification|partners\/:partner\/(corrections|exports\/[a-z-]+))$/,
    "409 PeriodNotClosed",
  ],
  [/^GET \/v1\/documents\/:number\/exports\//, "409 PeriodNotClosed"],
  [/^GET \/v1\/documents\//, "404 StatementNotFound"],
  [/^GET \/v1\/corrections\/:/, "404 CorrectionNotFound"],
  [/^POST \/v1\/periods\/.*\/close$/, "409 CloseChecksFailed"],
  [/^POST \/v1\/periods\/.*\/corrections$/, "400 InvalidRequestContent"],
  [/^POST \/v1\/periods\/:period\/trials$/, "400 InvalidParameter"],
  [/^POST \/v1\/periods\/:period\/comparisons$/, "415 UnsupportedMediaType"],
  [/^GET \/v1\/periods\/:period\/comparisons\//, "400 PeriodInvalid"],
  [/^GET \/v1\/usage\/explain$/, "400 InvalidParameter"],
  [/\/withdrawal$/, "400 UsageReasonMissing"],
  [/^POST \/v1\/(access|credentials|statement-runs)$/, "400 InvalidRequestContent"],
  [/^POST \/v1\/usage\/conflicts\//, "400 InvalidRequestContent"],
  [/^PUT \/v1\//, "400 InvalidRequestContent"],
];

export const answerOf = (route: string): string => ANSWERS.find(([fits]) => fits.test(route))?.[1] ?? "200";
