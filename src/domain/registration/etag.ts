import type { Registration } from "./registration.ts";
import type { CurrentMapping } from "../tenancy/store.ts";

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, "0");

/** In the quoted form that Azure shows (contract/registration.md §2.1); it changes with every write. */
export const registrationEtag = ({ id, version }: Pick<Registration, "id" | "version">): string =>
  `"${hex(id, 8)}-${hex(version, 8)}"`;

export const mappingEtag = ({ change }: CurrentMapping): string => `"${hex(change, 8)}-0000"`;
