import { BILLING_MODELS, type BillingModel } from "./registration.ts";

export interface RegistrationToken {
  readonly cloudId: string;
  readonly objectId: string;
  readonly billingModel: BillingModel;
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
  return { token: { cloudId, billingModel, objectId: typeof objectId === "string" ? objectId : "" } };
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
