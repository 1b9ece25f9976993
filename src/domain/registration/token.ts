import { BILLING_MODELS, type BillingModel, type TokenFacts } from "./registration.ts";

export interface RegistrationToken {
  readonly cloudId: string;
  readonly objectId: string;
  readonly billingModel: BillingModel;
  /** The members that an activation key repeats; what nobody knows is kept out. */
  readonly facts: TokenFacts;
}

/** In the order in which an activation key has them (contract/registration.md §4.3). */
const FACTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  hardwareInfo: (value) => Array.isArray(value) && value.length <= 64,
  regionNames: (value) => Array.isArray(value) && value.every((so) => typeof so === "string"),
  agreementNumber: (value) => typeof value === "string",
  usageReportingEnabled: (value) => typeof value === "boolean",
  marketplaceSyndicationEnabled: (value) => typeof value === "boolean",
  msAssetTag: (value) => typeof value === "string",
  issuer: (value) => typeof value === "string",
  version: (value) => typeof value === "string",
};

function factsOf(members: ReadonlyMap<string, unknown>): TokenFacts {
  const facts: Record<string, unknown> = {};
  for (const [name, isOf] of Object.entries(FACTS)) {
    const value = members.get(name.toLowerCase());
    if (value !== undefined && isOf(value)) facts[name] = value;
  }
  return facts;
}

export type TokenOutcome = { readonly token: RegistrationToken } | { readonly unreadable: string };

const CLOUD_ID = /^[\w.-]{1,128}$/;

/**
 * Decodes the Base64 form of a JSON object, as a stamp builds it (contract/registration.md §4). White space around it
 * is ignored, member names are read in any case, and members that nobody knows are passed over.
 */
export function decodeRegistrationToken(text: string): TokenOutcome {
  const trimmed = text.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(trimmed)) return { unreadable: "it is not Base64" };
  const members = membersOf(Buffer.from(trimmed, "base64").toString("utf8"));
  if (members === undefined) return { unreadable: "it is not the Base64 form of a JSON object" };
  const cloudId = members.get("cloudid");
  if (typeof cloudId !== "string" || !CLOUD_ID.test(cloudId)) return { unreadable: "it has no cloudId" };
  const wanted = members.get("billingmodel");
  const billingModel = BILLING_MODELS.find(
    (model) => typeof wanted === "string" && model.toLowerCase() === wanted.toLowerCase(),
  );
  if (billingModel === undefined) {
    return { unreadable: `its billingModel is none of ${BILLING_MODELS.join(", ")}` };
  }
  const objectId = members.get("objectid");
  return {
    token: {
      cloudId,
      billingModel,
      objectId: typeof objectId === "string" ? objectId : "",
      facts: factsOf(members),
    },
  };
}

function membersOf(text: string): Map<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    return new Map(Object.entries(parsed).map(([name, value]) => [name.toLowerCase(), value]));
  } catch {
    return undefined;
  }
}
