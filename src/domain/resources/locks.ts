import type { ManagementLock } from "./store.ts";

export type LockedOperation = "delete" | "write";

/** A resource id and every scope above it, nearest first; contract/registration.md §7.3: locks are inherited. */
export function scopesAbove(resourceId: string): readonly string[] {
  const parts = resourceId.split("/").filter((part) => part !== "");
  const scopes: string[] = [];
  for (let length = parts.length; length >= 2; length -= 2) {
    // A path that ends in `providers/Namespace` names no resource.
    if (parts[length - 2]?.toLowerCase() !== "providers") scopes.push(`/${parts.slice(0, length).join("/")}`);
  }
  return scopes;
}

/** The locks that stand in the way of an operation: ReadOnly stops every change, CanNotDelete only a removal. */
export const locksAgainst = (operation: LockedOperation, locks: readonly ManagementLock[]): readonly ManagementLock[] =>
  locks.filter(({ level }) => level === "ReadOnly" || operation === "delete");
