import { LOCAL_ADMINISTRATOR } from "../../domain/access/caller.ts";
import { roleNamed } from "../../domain/access/roles.ts";
import { newId } from "../../lib/secret.ts";
import type { Context } from "../context.ts";
import { type CreatedCredential, createCredential } from "./create.ts";

export type { CreatedCredential };

/** Makes an application that may do everything, when there is no credential yet and never was one. */
export async function createFirstCredential(context: Context): Promise<CreatedCredential | undefined> {
  const owner = roleNamed("Owner");
  if (owner === undefined || (await context.control.credentials.list()).length > 0) return undefined;
  const caller = { ...LOCAL_ADMINISTRATOR, address: "local", correlationId: newId() };
  const grant = { roleDefinitionId: owner.id, scope: "/" };
  return await createCredential(context, caller, { kind: "Application", displayName: "first credential", grant });
}
