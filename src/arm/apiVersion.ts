import { Fault } from "../domain/faults/fault.ts";

/** contract/registration.md §3, newest first. */
export const API_VERSIONS = ["2022-06-01", "2020-06-01-preview", "2017-06-01"] as const;

/** @throws Fault MissingApiVersionParameter, NoRegisteredProviderFound */
export function checkApiVersion(version: string | undefined, type: string): void {
  if (version === undefined || version === "") throw new Fault("MissingApiVersionParameter", {});
  if (!API_VERSIONS.some((known) => known === version.toLowerCase())) {
    throw new Fault("NoRegisteredProviderFound", { version, type, supported: API_VERSIONS.join(", ") });
  }
}
