import { isFault } from "../domain/faults/fault.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import { allowedRows } from "../http/permissions.ts";
import { type Access, callerOf, type Route } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
import { registrationCandidates } from "../operations/registrations/candidates.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { paramOf } from "../http/parameters.ts";

export const REGISTRATION = "/v1/registrations/:registration";

/** Where a registration is; `/` when there is none, so that only who may see everything learns that. */
export async function scopeOfRegistration({ control }: Context, wanted: string): Promise<string> {
  try {
    return registrationResourceId(await findRegistration(control, wanted));
  } catch (error) {
    if (isFault(error)) return "/";
    throw error;
  }
}

/** Tells a caller whose registration was not found which ones they may have meant, among those that they may see. */
export const suggesting = (route: Route): Route => ({
  ...route,
  run: async (context, request, reply) => {
    try {
      return await route.run(context, request, reply);
    } catch (error) {
      if (!isFault(error) || error.code !== "RegistrationNotFound") throw error;
      const rows = await allowedRows(context, callerOf(request), {
        rows: await context.control.registrations.list(),
        action: "Microsoft.AzureStack/registrations/read",
        scopeOf: registrationResourceId,
      });
      throw error.with({ candidates: registrationCandidates(rows, String(error.params["registration"])) });
    }
  },
});

/** An action on the registration that the path names. */
export const onRegistration = (action: string): Access => ({
  action,
  scope: (context, request) => scopeOfRegistration(context, paramOf(request, "registration")),
  lookedUp: true,
});
