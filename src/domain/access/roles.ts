/** What a role lets its holder do; actions are ARM's (contract/registration.md §2.7) and Stampbook's own. */
export interface RoleDefinition {
  /** GUID */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** `*` stands for any text. */
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

const READ_REGISTRATIONS = "Microsoft.AzureStack/registrations/read";

/** Every role, once. The ids of roles that exist in Azure are Azure's, so that scripts find them. */
export const ROLES: readonly RoleDefinition[] = [
  {
    id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    name: "Owner",
    description: "Everything, and who may do what.",
    actions: ["*"],
    notActions: [],
  },
  {
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    name: "Contributor",
    description: "Everything but granting access, lifting locks, approving multi-tenancy and giving out credentials.",
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/write",
      "Microsoft.Authorization/*/delete",
      "Stampbook/approvals/decide/action",
      "Stampbook/credentials/*",
    ],
  },
  {
    id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    name: "Reader",
    description: "See everything but credentials and the audit, change nothing.",
    actions: ["*/read"],
    // The audit tells who works here and from where.
    notActions: ["Stampbook/credentials/read", "Stampbook/audit/read"],
  },
  {
    id: "6f12a6df-dd06-4f3e-bcb1-ce8be600526a",
    name: "Azure Stack Registration Owner",
    description: "What the bridge of a stamp needs on its registration.",
    actions: [
      READ_REGISTRATIONS,
      "Microsoft.AzureStack/registrations/products/read",
      "Microsoft.AzureStack/registrations/products/listDetails/action",
      "Microsoft.AzureStack/registrations/getActivationKey/action",
      "Stampbook/completeness/read",
      "Stampbook/usage/write",
      "Stampbook/localSubscriptions/read",
      "Stampbook/localSubscriptions/write",
    ],
    notActions: [],
  },
  {
    id: "5a5e7d2e-3c51-4c1c-9d8e-6a1f5c0b7a01",
    name: "Partner Approver",
    description: "Decide whether a registration may map tenants.",
    actions: [READ_REGISTRATIONS, "Stampbook/approvals/*", "Stampbook/catalogue/read"],
    notActions: [],
  },
  {
    id: "fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64",
    name: "Billing Reader",
    description: "See usage, prices, statements and who pays.",
    actions: [
      "Microsoft.Resources/subscriptions/read",
      READ_REGISTRATIONS,
      "Microsoft.AzureStack/registrations/customerSubscriptions/read",
      "Microsoft.Commerce/*/read",
      "Microsoft.Commerce.Admin/*/read",
      "Stampbook/catalogue/read",
      "Stampbook/completeness/read",
      "Stampbook/localSubscriptions/read",
      "Stampbook/mappings/read",
      "Stampbook/meters/read",
      "Stampbook/prices/read",
      "Stampbook/priceSheets/read",
      "Stampbook/statements/read",
      "Stampbook/usage/read",
    ],
    notActions: [],
  },
  {
    id: "5a5e7d2e-3c51-4c1c-9d8e-6a1f5c0b7a02",
    name: "Tenant Reader",
    description: "See the statements of one's own subscription and the usage on them, and nobody else's.",
    actions: [
      "Microsoft.Resources/subscriptions/read",
      "Microsoft.Commerce/*/read",
      "Stampbook/statements/read",
      "Stampbook/prices/read",
    ],
    notActions: [],
  },
];

const byId = new Map(ROLES.map((role) => [role.id, role]));
export const roleById = (id: string): RoleDefinition | undefined => byId.get(id.toLowerCase());

/** Names compare without case. */
export const roleNamed = (name: string): RoleDefinition | undefined =>
  ROLES.find((role) => role.name.toLowerCase() === name.toLowerCase());

const patterns = new Map<string, RegExp>();

function matches(pattern: string, action: string): boolean {
  let regExp = patterns.get(pattern);
  if (regExp === undefined) {
    regExp = new RegExp(`^${pattern.replace(/[.\\/]/g, "\\$&").replaceAll("*", ".*")}$`, "i");
    patterns.set(pattern, regExp);
  }
  return regExp.test(action);
}

export const allows = ({ actions, notActions }: RoleDefinition, action: string): boolean =>
  actions.some((pattern) => matches(pattern, action)) && !notActions.some((pattern) => matches(pattern, action));
