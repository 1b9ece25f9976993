import type { ControlStores } from "../../domain/controlStore.ts";
import { nextEffectiveHour } from "../../domain/history.ts";
import { type Hour, hourFrom, type RegistrationId, type TenantId } from "../../domain/ids.ts";

/** The hour that a change of who pays for a tenant counts from when it is made now. */
export const effectiveHour = async (
  { tenancy }: ControlStores,
  registration: RegistrationId,
  tenant: TenantId,
  nowMs: number,
): Promise<Hour> => nextEffectiveHour(await tenancy.lastEffectiveHour(registration, tenant), hourFrom(nowMs));
