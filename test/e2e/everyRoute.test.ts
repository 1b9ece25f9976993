import { beforeAll, expect, test } from "vitest";
import { answerOf, GUARDED } from "../support/accessTable.ts";
import { wire, type WireCall } from "../support/http.ts";
import { closeAtEnd } from "../support/temporary.ts";
import {
  hubPage,
  hubRecord,
  ids,
  NORTH,
  openStampbook,
  registerNorth,
  tokenOf,
  windowAfter,
} from "../support/world.ts";

// Goal: every guarded route does what it is for, when it is asked rightly by whoever may. Method: one walk through all
// those that only get a refusal in accessMatrix.test.ts, each step answered with its own success, in an order in which
// each finds what it needs.

const S = "/subscriptions/:subscription";
const G = `${S}/resourceGroups/:resourceGroup`;
const R = `${G}/providers/Microsoft.AzureStack/registrations/:registration`;
const V = "/v1/registrations/:registration";
const HOME = `/subscriptions/${ids.registration}`;
const GROUP = `${HOME}/resourceGroups/azurestack`;
const NORTH_ID = `${GROUP}/providers/Microsoft.AzureStack/registrations/north`;
const HOUR = "2024-02-10T10:00:00Z";
const NEW_ID = "60000000-0000-4000-8000-000000000001";
const READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

let call: ReturnType<typeof wire>;
beforeAll(async () => {
  const stampbook = closeAtEnd(await openStampbook());
  await registerNorth(stampbook);
  call = wire(stampbook.socketPath);
});

/** What a step needs to know of the steps before it. */
const found: Record<string, string> = {};

interface Step {
  readonly status: number;
  readonly path: () => string;
  readonly sent?: WireCall;
}
const at = (status: number, path: string | (() => string), sent?: WireCall): Step => ({
  status,
  path: typeof path === "string" ? () => path : path,
  ...(sent === undefined ? {} : { sent }),
});
const json = (value: unknown): WireCall => ({ json: value });
const M = "?api-version=2021-04-01";
const B = "?api-version=2017-06-01";
const { start, end } = windowAfter(HOUR);
const PARTNER = "/v1/periods/2024-02/partners/contoso";
const USAGE = `/v1/usage?registration=north&reportedStartTime=${start}&reportedEndTime=${end}`;
const page = (quantity: string): WireCall => ({
  body: hubPage([hubRecord({ hour: HOUR, quantity })]).toString(),
  headers: { "content-type": "application/json" },
});

const LOCKS_AND_ROLES = (
  [
    [S, HOME],
    [G, GROUP],
    [R, NORTH_ID],
  ] as const
).flatMap(([path, id], i): (readonly [string, Step])[] => {
  const [locks, roles] = [
    "/providers/Microsoft.Authorization/locks",
    "/providers/Microsoft.Authorization/roleAssignments",
  ];
  const assignment = NEW_ID.replace(/1$/, String(i + 1));
  const role = { properties: { roleDefinitionId: READER, principalId: ids.secondTenant } };
  return [
    [`PUT ${path}${roles}/:assignment`, at(201, `${id}${roles}/${assignment}${M}`, json(role))],
    [`GET ${path}${roles}/:assignment`, at(200, `${id}${roles}/${assignment}${M}`)],
    [`DELETE ${path}${roles}/:assignment`, at(200, `${id}${roles}/${assignment}${M}`)],
    [`PUT ${path}${locks}/:lock`, at(201, `${id}${locks}/kept${M}`, json({ properties: { level: "CanNotDelete" } }))],
    [`GET ${path}${locks}/:lock`, at(200, `${id}${locks}/kept${M}`)],
    [`DELETE ${path}${locks}/:lock`, at(200, `${id}${locks}/kept${M}`)],
  ];
});

const STEPS: readonly (readonly [route: string, step: Step])[] = [
  ...LOCKS_AND_ROLES,
  [`POST ${S}/providers/:namespace/unregister`, at(200, `${HOME}/providers/Microsoft.AzureStack/unregister${M}`)],
  [`POST ${S}/providers/:namespace/register`, at(200, `${HOME}/providers/Microsoft.AzureStack/register${M}`)],
  [
    `POST ${S}/providers/Microsoft.AzureStack/generateDeploymentLicense`,
    at(200, `${HOME}/providers/Microsoft.AzureStack/generateDeploymentLicense?api-version=2022-06-01`),
  ],
  [`PUT ${G}`, at(201, `${HOME}/resourceGroups/second${M}`, json({ location: "local" }))],
  [`PATCH ${G}`, at(200, `${HOME}/resourceGroups/second${M}`, json({ tags: { a: "b" } }))],
  [
    `PUT ${R}`,
    at(
      201,
      `${NORTH_ID.replace(/north$/, "fresh")}${B}`,
      json({ properties: { registrationToken: tokenOf("cloud-fresh") } }),
    ),
  ],
  [`PATCH ${R}`, at(200, `${NORTH_ID.replace(/north$/, "fresh")}${B}`, json({ tags: { a: "b" } }))],
  [`POST ${R}/enableRemoteManagement`, at(200, `${NORTH_ID}/enableRemoteManagement${B}`)],
  [`POST ${R}/getActivationKey`, at(200, `${NORTH_ID}/getActivationKey${B}`)],
  [
    `POST ${G}/moveResources`,
    at(
      204,
      `${GROUP}/moveResources${M}`,
      json({ resources: [NORTH_ID.replace(/north$/, "fresh")], targetResourceGroup: `${HOME}/resourceGroups/second` }),
    ),
  ],
  [`DELETE ${R}`, at(200, `${NORTH_ID.replace("azurestack/", "second/").replace(/north$/, "fresh")}${B}`)],
  [`DELETE ${G}`, at(200, `${HOME}/resourceGroups/second${M}`)],
  [
    `PUT ${R}/customerSubscriptions/:customer`,
    at(200, `${NORTH_ID}/customerSubscriptions/${ids.customer}${B}`, json({})),
  ],
  [`DELETE ${R}/customerSubscriptions/:customer`, at(200, `${NORTH_ID}/customerSubscriptions/${ids.customer}${B}`)],
  [`POST ${V}/approval/revoke`, at(200, "/v1/registrations/north/approval/revoke", json({ reason: "x" }))],
  [`POST ${V}/approval/request`, at(200, "/v1/registrations/north/approval/request", json({}))],
  [`POST ${V}/approval/deny`, at(200, "/v1/registrations/north/approval/deny", json({ reason: "x" }))],
  [
    `PUT ${V}/local-subscriptions`,
    at(
      200,
      "/v1/registrations/north/local-subscriptions",
      json({ value: [{ localSubscription: ids.local, tenant: ids.tenant }] }),
    ),
  ],
  ["POST /v1/usage", at(200, USAGE, page("1"))],
  ["POST /v1/usage", at(200, USAGE, page("2"))],
  [
    "POST /v1/usage/conflicts/:record/choice",
    at(200, () => `/v1/usage/conflicts/${found["record"]}/choice`, {
      get json() {
        return { content: found["content"], reason: "the second reading is right" };
      },
    }),
  ],
  ["GET /v1/usage/changes", at(200, "/v1/usage/changes?cursor=1&limit=1")],
  ["POST /v1/usage/batches/:batch/withdrawal", at(200, "/v1/usage/batches/1/withdrawal", json({ reason: "x" }))],
  ["POST /v1/statement-runs", at(200, "/v1/statement-runs", json({ period: "2024-02" }))],
  [
    "POST /v1/periods/:period/partners/:partner/close",
    at(
      200,
      `${PARTNER}/close`,
      json({ accept: ["unpriced", "parked", "incomplete", "unverified"].map((check) => ({ check, reason: "x" })) }),
    ),
  ],
  ["GET /v1/periods/:period/partners/:partner/corrections", at(200, `${PARTNER}/corrections`)],
  ["GET /v1/periods/:period/partners/:partner/exports/focus", at(200, `${PARTNER}/exports/focus`)],
  ["GET /v1/periods/:period/exports/usage", at(200, "/v1/periods/2024-02/exports/usage?format=parquet")],
  ["GET /v1/periods/:period/partners/:partner/exports/daily-rated", at(200, `${PARTNER}/exports/daily-rated`)],
  ["POST /v1/periods/:period/partners/:partner/corrections", at(200, `${PARTNER}/corrections`, json({ reason: "x" }))],
  [
    "POST /v1/periods/:period/trials",
    at(
      200,
      "/v1/periods/2024-02/trials",
      json({ mapping: { registration: "north", tenant: ids.tenant, customerSubscription: null } }),
    ),
  ],
  [
    "POST /v1/periods/:period/comparisons",
    at(
      200,
      `/v1/periods/2024-02/comparisons?columns=${encodeURIComponent('{"payer":"a","meter":"b","quantity":"c"}')}`,
      { headers: { "content-type": "text/csv" }, body: "a,b,c\n" },
    ),
  ],
  ["GET /v1/periods/:period/comparisons/:other", at(200, "/v1/periods/2024-02/comparisons/2024-02")],
  ["GET /v1/periods/:period/verification", at(200, "/v1/periods/2024-02/verification")],
  ["GET /v1/documents/:number/verification", at(200, "/v1/documents/CONTOSO-000001/verification")],
  ["GET /v1/documents/:number/exports/focus", at(200, "/v1/documents/CONTOSO-000001/exports/focus")],
  ["GET /v1/documents/:number/exports/json", at(200, "/v1/documents/CONTOSO-000001/exports/json")],
  ["GET /v1/documents/:number/exports/csv", at(200, "/v1/documents/CONTOSO-000001/exports/csv")],
  ["GET /v1/documents/:number/exports/pdf", at(200, "/v1/documents/CONTOSO-000001/exports/pdf")],
  [
    "PUT /v1/catalogue/subscriptions",
    at(
      200,
      "/v1/catalogue/subscriptions",
      json({ value: [{ subscription: NEW_ID, offerType: "CSP", partner: "contoso" }] }),
    ),
  ],
  [
    "PUT /v1/catalogue/subscriptions/:subscription",
    at(200, `/v1/catalogue/subscriptions/${NEW_ID}`, json({ offerType: "EA", partner: "contoso" })),
  ],
  ["GET /v1/catalogue/subscriptions/:subscription", at(200, `/v1/catalogue/subscriptions/${NEW_ID}`)],
  ["GET /v1/catalogue/subscriptions/:subscription/history", at(200, `/v1/catalogue/subscriptions/${NEW_ID}/history`)],
  [
    "POST /v1/catalogue/import",
    at(200, "/v1/catalogue/import", {
      body: `subscription,offerType,partner\n${NEW_ID},CSP,contoso\n`,
      headers: { "content-type": "text/csv" },
    }),
  ],
  ["PUT /v1/meters/:meter", at(200, "/v1/meters/gpu-hours", json({ name: "GPU hours", reason: "x" }))],
  [
    "PUT /v1/meters/:meter/mapping",
    at(
      200,
      "/v1/meters/gpu-hours/mapping",
      json({ commerceMeter: "9cd92d4c-bafd-4492-b278-bedc2de8232a", factor: "1", reason: "x" }),
    ),
  ],
  [
    "PUT /v1/price-sheets/:sheet/draft",
    at(201, "/v1/price-sheets/list-2024/draft", {
      body: "meter,unit,unitPrice,currency\nfab6eb84-500b-4a09-a8ca-7358f8bbaea5,vCPU-hour,0.01,USD\n",
      headers: { "content-type": "text/csv" },
    }),
  ],
  [
    "POST /v1/price-sheets/:sheet/draft/publish",
    at(200, "/v1/price-sheets/list-2024/draft/publish", json({ from: "2024-03-01T00:00:00Z", reason: "x" })),
  ],
  ["GET /v1/price-sheets/:sheet/versions", at(200, "/v1/price-sheets/list-2024/versions")],
  ["GET /v1/price-sheets/:sheet/versions/:version", at(200, "/v1/price-sheets/list-2024/versions/1")],
  ["GET /v1/price-sheets/:sheet/versions/:version/file", at(200, "/v1/price-sheets/list-2024/versions/1/file")],
  ["GET /v1/price-sheets/:sheet/diff", at(200, "/v1/price-sheets/list-2024/diff")],
  [
    "POST /v1/price-sheets/:sheet/versions/:version/confirmations",
    at(
      200,
      "/v1/price-sheets/list-2024/versions/1/confirmations",
      json({ commerceMeter: "fab6eb84-500b-4a09-a8ca-7358f8bbaea5", reason: "x" }),
    ),
  ],
  ["DELETE /v1/price-sheets/:sheet/draft", at(204, "/v1/price-sheets/list-2024/draft")],
  [
    "POST /v1/price-assignments",
    at(200, "/v1/price-assignments", json({ party: { kind: "everyone" }, sheet: "list-2024", reason: "x" })),
  ],
  [
    "POST /v1/fx-rates",
    at(200, "/v1/fx-rates", json({ period: "2024-03", from: "USD", to: "EUR", rate: "0.9", reason: "x" })),
  ],
  ["POST /v1/credentials", at(201, "/v1/credentials", json({ kind: "User", clientId: "ann" }))],
  ["DELETE /v1/credentials/:client", at(200, "/v1/credentials/ann")],
  [
    "POST /v1/access",
    at(200, `/v1/access?scope=${encodeURIComponent(NORTH_ID)}`, json({ role: "Reader", principal: ids.secondTenant })),
  ],
];

/** Succeed in tests of their own, which make what these need. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "GET /v1/usage/archives/:month/verification",
  "GET /subscriptions/:subscription/providers/Microsoft.Commerce/RateCard",
  "GET /v1/usage/explain",
  "GET /v1/corrections/:number",
]);

test("the walk has every route that the matrix only refuses", () => {
  const refused = GUARDED.flatMap(([, , , routes]) => routes).filter((route) => !/^20\d$/.test(answerOf(route)));
  const walked = new Set(STEPS.map(([route]) => route));
  expect(refused.filter((route) => !walked.has(route) && !ELSEWHERE.has(route))).toEqual([]);
});

test.each(STEPS)("%s", async (route, { status, path, sent }) => {
  if (route.endsWith("/choice")) {
    const [conflict] = (await call("GET", "/v1/usage/conflicts")).body.value;
    const waiting = conflict.versions.at(-1);
    Object.assign(found, { record: conflict.record, content: waiting.content });
  }
  const reply = await call(route.split(" ")[0]!, path(), sent);
  expect(reply.status, reply.text).toBe(status);
});

test("what the walk has left is as the steps say", async () => {
  const { value } = (await call("GET", "/v1/registrations")).body;
  expect(value).toMatchObject([{ ...NORTH, approval: "denied" }]);
});
