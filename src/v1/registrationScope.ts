import { isFault } from "../domain/faults/fault.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import type { Access } from "../http/route.ts";
import type { Context } from "../operations/context.ts";
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

/** An action on the registration that the path names. */
export const onRegistration = (action: string): Access => ({
  action,
  scope: (context, request) => scopeOfRegistration(context, paramOf(request, "registration")),
  lookedUp: true,
});
