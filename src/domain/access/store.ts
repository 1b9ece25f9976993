import type { Principal } from "./caller.ts";
import type { RoleAssignment } from "./mayDo.ts";

export interface RoleAssignmentStore {
  ofPrincipal(principal: Pick<Principal, "objectId" | "issuer">): Promise<readonly RoleAssignment[]>;
  find(id: string): Promise<RoleAssignment | undefined>;
  /** Made at a scope, above it or below it; `scopeKey` is spelled as `scopeKeyOf` does. */
  around(scopeKey: string): Promise<readonly RoleAssignment[]>;
  /** False when the principal has the role at that scope already. */
  add(assignment: RoleAssignment): Promise<boolean>;
  remove(id: string): Promise<void>;
  /** Takes away what was granted on a resource and below it. */
  removeBelow(scopeKey: string): Promise<void>;
  /** What was granted on a resource and below it is granted on another one from now on. */
  move(fromScope: string, toScope: string): Promise<void>;
}
