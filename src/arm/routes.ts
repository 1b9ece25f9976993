import type { Route } from "../http/route.ts";
import { AUTHORIZATION_ROUTES } from "./authorization.ts";
import { CLOUD_ROUTES } from "./cloudManifest.ts";
import { CUSTOMER_SUBSCRIPTION_ROUTES } from "./customerSubscriptions.ts";
import { LOCK_ROUTES } from "./locks.ts";
import { METADATA_ROUTES } from "./metadata.ts";
import { PROVIDER_ROUTES } from "./providers.ts";
import { REGISTRATION_ROUTES } from "./registrations.ts";
import { RESOURCE_GROUP_ROUTES } from "./resourceGroups.ts";
import { RESOURCE_ROUTES } from "./resourceList.ts";
import { SUBSCRIPTION_ROUTES } from "./subscriptions.ts";
import { unknownRoutes } from "./unknown.ts";

const KNOWN_ROUTES: readonly Route[] = [
  ...METADATA_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...PROVIDER_ROUTES,
  ...CLOUD_ROUTES,
  ...RESOURCE_GROUP_ROUTES,
  ...RESOURCE_ROUTES,
  ...LOCK_ROUTES,
  ...AUTHORIZATION_ROUTES,
  ...REGISTRATION_ROUTES,
  ...CUSTOMER_SUBSCRIPTION_ROUTES,
];

/**
 * Microsoft.AzureStack and what clients need around it; contract/registration.md §1a, §1b.
 * @param others routes of other faces below the same addresses
 */
export const armRoutes = (others: readonly Route[]): readonly Route[] => [
  ...KNOWN_ROUTES,
  ...others,
  ...unknownRoutes([...KNOWN_ROUTES, ...others]),
];
