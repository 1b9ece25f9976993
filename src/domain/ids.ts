import { HOUR_MS } from "../lib/instant.ts";
import { remember } from "../lib/remember.ts";

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** An Azure-side subscription: lower-case GUID, checked at the edge. */
export type SubscriptionId = Brand<string, "SubscriptionId">;
/** A customer's identity directory: lower-case GUID. */
export type TenantId = Brand<string, "TenantId">;
/** A subscription on a stamp: lower-case GUID. */
export type LocalSubscriptionId = Brand<string, "LocalSubscriptionId">;
/** A meter in canonical form: lower case, without hyphens (contract/usage.md §3). */
export type MeterId = Brand<string, "MeterId">;
/** Our own number of a registration; survives renames of case and moves, never used twice. */
export type RegistrationId = Brand<number, "RegistrationId">;
/** A UTC hour, counted in whole hours since 1970. */
export type Hour = Brand<number, "Hour">;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Of a text in lower case. */
export const isGuid = (text: string): boolean => GUID.test(text);

/** Ids repeat from record to record. */
const REMEMBERED_CHARS_MAX = 2_097_152;

/** The lower-case GUID, or undefined when the text is none. */
const guidOf = remember((text): string | undefined => {
  const lower = text.toLowerCase();
  return GUID.test(lower) ? lower : undefined;
}, REMEMBERED_CHARS_MAX);

export const subscriptionId = (text: string): SubscriptionId | undefined => guidOf(text) as SubscriptionId | undefined;
export const tenantId = (text: string): TenantId | undefined => guidOf(text) as TenantId | undefined;
export const localSubscriptionId = (text: string): LocalSubscriptionId | undefined =>
  guidOf(text) as LocalSubscriptionId | undefined;
export const registrationId = (id: number): RegistrationId => id as RegistrationId;

const METER = /^[0-9A-Za-z-]{1,64}$/;

/** Upper and lower case, with and without hyphens, name the same meter. Undefined when the text can be no meter id. */
export const meterId = remember(
  (text) => (METER.test(text) ? (text.toLowerCase().replaceAll("-", "") as MeterId) : undefined),
  REMEMBERED_CHARS_MAX,
);

/** A canonical meter id as people know it: with hyphens where it is 32 hex digits. */
export const formatMeter = (meter: string): string =>
  /^[0-9a-f]{32}$/.test(meter) ? meter.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : meter;

/** The hour that an instant lies in. */
export const hourOf = (instantMs: number): Hour => Math.floor(instantMs / HOUR_MS) as Hour;
/** The first whole hour that does not begin before the instant: a change at 10:20 counts from 11:00. */
export const hourFrom = (instantMs: number): Hour => Math.ceil(instantMs / HOUR_MS) as Hour;
export const hourStartMs = (hour: Hour): number => hour * HOUR_MS;
