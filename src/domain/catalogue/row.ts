import { Fault } from "../faults/fault.ts";
import { type SubscriptionId, subscriptionId, tenantId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { CATALOGUE_COLUMNS, type CatalogueSubscription, OFFER_TYPES, SUBSCRIPTION_STATES } from "./subscription.ts";

export type CatalogueColumn = (typeof CATALOGUE_COLUMNS)[number];

/** Without these nothing can be said of a subscription. */
export const NEEDED_COLUMNS: readonly CatalogueColumn[] = ["subscription", "offerType", "partner"];

const columnByName = new Map(CATALOGUE_COLUMNS.map((column) => [column.toLowerCase(), column]));

/** The column of a name in any case. @throws Fault CatalogueColumnUnknown */
export function catalogueColumn(name: string): CatalogueColumn {
  const column = columnByName.get(name.trim().toLowerCase());
  if (column !== undefined) return column;
  throw new Fault("CatalogueColumnUnknown", { column: name, columns: CATALOGUE_COLUMNS.join(", ") });
}

/** Values by column; what is empty, null or not there counts as not given. */
export type CatalogueFields = Readonly<Partial<Record<CatalogueColumn, unknown>>>;

/**
 * The entry that a row tells. A row is the whole entry: what it does not give is not kept from an earlier one.
 * @throws Fault CatalogueRowInvalid; its target is the column
 */
export function catalogueEntry(fields: CatalogueFields): CatalogueSubscription {
  return {
    subscription: guid("subscription", needed(fields, "subscription"), subscriptionId) as SubscriptionId,
    displayName: text(fields, "displayName") ?? "",
    offerType: oneOf("offerType", needed(fields, "offerType"), OFFER_TYPES),
    state: oneOf("state", text(fields, "state") ?? "Enabled", SUBSCRIPTION_STATES),
    partner: needed(fields, "partner"),
    provider: text(fields, "provider"),
    reseller: text(fields, "reseller"),
    customer: text(fields, "customer"),
    tenant: guid("tenant", text(fields, "tenant"), tenantId),
  };
}

function invalid(column: CatalogueColumn, value: unknown, reason: string): Fault {
  const shown = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return new Fault("CatalogueRowInvalid", { column, value: shown, reason }, { target: column });
}

function text(fields: CatalogueFields, column: CatalogueColumn): string | null {
  const value = fields[column] ?? "";
  if (typeof value !== "string") throw invalid(column, value, "a text is needed");
  const trimmed = value.trim();
  if (trimmed.length > LIMITS.catalogueTextCharsMax) {
    throw invalid(column, value, `it has more than ${LIMITS.catalogueTextCharsMax} characters`);
  }
  if (hasControl(trimmed)) throw invalid(column, value, "it holds a control character");
  return trimmed === "" ? null : trimmed;
}

const hasControl = (value: string): boolean => /\p{Cc}/u.test(value);

function needed(fields: CatalogueFields, column: CatalogueColumn): string {
  const value = text(fields, column);
  if (value === null) throw invalid(column, "", "it must not be empty");
  return value;
}

function guid<Id>(column: CatalogueColumn, value: string | null, read: (text: string) => Id | undefined): Id | null {
  if (value === null) return null;
  const id = read(value);
  if (id === undefined) throw invalid(column, value, "a GUID is needed");
  return id;
}

function oneOf<Value extends string>(column: CatalogueColumn, value: string, values: readonly Value[]): Value {
  const found = values.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw invalid(column, value, `one of ${values.join(", ")} is needed`);
  return found;
}
