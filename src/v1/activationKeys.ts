import { callerOf, type Route } from "../http/route.ts";
import { rotateKey } from "../operations/keys/signingKeys.ts";
import { activationVerificationKeys } from "../operations/keys/verificationKeys.ts";
import { activationKey } from "../operations/registrations/activationKey.ts";
import { findRegistration } from "../operations/registrations/find.ts";
import { onRegistration, suggesting } from "./registrationScope.ts";
import { paramOf } from "../http/parameters.ts";

const KNOWN_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/.well-known/stampbook/activation-keys",
    summary: "The keys that verify activation keys, retired ones too, as a JSON Web Key Set.",
    access: "public",
    run: async (context) => ({ status: 200, body: { keys: await activationVerificationKeys(context) } }),
  },
  {
    method: "POST",
    path: "/v1/registrations/:registration/activation-key",
    summary: "Make the activation key of a registration.",
    access: onRegistration("Microsoft.AzureStack/registrations/getActivationKey/action"),
    run: async (context, request) => {
      const registration = await findRegistration(context.control, paramOf(request, "registration"));
      const key = await activationKey(context, callerOf(request), registration, { armUrl: context.publicUrl() });
      return { status: 200, body: { activationKey: key } };
    },
  },
  {
    method: "POST",
    path: "/v1/activation-keys/rotation",
    summary: "Make a new key that signs activation keys; what was signed before still verifies.",
    access: { action: "Stampbook/activationKeys/rotate/action" },
    run: async (context, request) => {
      const { key, retired } = await rotateKey(context, callerOf(request), "activation-key");
      return { status: 200, body: { kid: key.kid, retired } };
    },
  },
];

export const ACTIVATION_KEY_ROUTES: readonly Route[] = KNOWN_ROUTES.map(suggesting);
