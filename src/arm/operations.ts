import { NAMESPACE } from "./apiVersions.ts";

const operation = (name: string, resource: string, display: string, description: string) => ({
  name: `${NAMESPACE}/${name}`,
  display: { provider: "Stampbook", resource, operation: display, description },
  origin: "user,system",
});

/** contract/registration.md §2.7, without what is not served here. */
export const PROVIDER_OPERATIONS = [
  operation("register/action", "Subscription", "Register provider", "Switch the namespace on for a subscription."),
  operation("unregister/action", "Subscription", "Unregister provider", "Switch the namespace off for a subscription."),
  operation("Operations/read", "Operations", "List operations", "List the actions of the namespace."),
  operation("registrations/read", "Registration", "Get registration", "See registrations."),
  operation("registrations/write", "Registration", "Write registration", "Register stamps and change registrations."),
  operation("registrations/delete", "Registration", "Delete registration", "Delete registrations."),
  operation("registrations/getActivationKey/action", "Registration", "Get activation key", "Get a stamp's key."),
  operation("registrations/customerSubscriptions/read", "Customer subscription", "Get mapping", "See who pays."),
  operation("registrations/customerSubscriptions/write", "Customer subscription", "Map tenant", "Map tenants."),
  operation("registrations/customerSubscriptions/delete", "Customer subscription", "End mapping", "End mappings."),
  operation("cloudManifestFiles/read", "Cloud manifest", "Get cloud manifest", "See the manifest of this cloud."),
  operation("generateDeploymentLicense/action", "Deployment license", "Generate license", "Get a deployment license."),
];
