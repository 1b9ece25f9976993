import type { ControlStores } from "../../domain/controlStore.ts";
import { type Hour, hourFrom, type RegistrationId, type TenantId } from "../../domain/ids.ts";

/**
 * The hour that a change made now counts from: the next whole hour, and never before the tenant's last change, so that
 * the newer of two changes wins even when the clock was set back between them.
 */
export async function effectiveHour(
  { tenancy }: ControlStores,
  registration: RegistrationId,
  tenant: TenantId,
  nowMs: number,
): Promise<Hour> {
  const last = await tenancy.lastEffectiveHour(registration, tenant);
  const next = hourFrom(nowMs);
  return last === undefined || last < next ? next : last;
}
