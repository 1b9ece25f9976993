import type { RegistrationId } from "../../domain/ids.ts";

/** Whatever judges or changes a registration's entries does it under this name, one after another. */
export const usageLock = (registration: RegistrationId): string => `usage ${registration}`;
