import { scopeKeyOf } from "./mayDo.ts";

/**
 * The scope of what a reseller sends and gets: statements that it issues, and its own. As with every scope, case does not
 * matter.
 * @param name as the catalogue has it
 */
export const resellerScope = (name: string): string => `/resellers/${encodeURIComponent(name.toWellFormed())}`;

/** The name of the reseller whose scope it is; undefined where it is no such scope. */
export function resellerOfScope(scope: string): string | undefined {
  const [, encoded] = /^\/resellers\/([^/]+)$/i.exec(scope) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const name = decodeURIComponent(encoded);
    return scopeKeyOf(resellerScope(name)) === scopeKeyOf(scope) ? name : undefined;
  } catch {
    return undefined;
  }
}
