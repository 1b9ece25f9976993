import type { RegistrationId, SubscriptionId } from "../ids.ts";
import type { BillingModelChange, Registration, RegistrationScope } from "./registration.ts";

export interface RegistrationStore {
  find(scope: RegistrationScope): Promise<Registration | undefined>;
  findById(id: RegistrationId): Promise<Registration | undefined>;
  findByCloudId(cloudId: string): Promise<Registration | undefined>;
  findByName(name: string): Promise<readonly Registration[]>;
  /** By number. Usage of deleted ones is still billed, so whoever bills asks for them too. */
  list(options?: { readonly withDeleted?: boolean }): Promise<readonly Registration[]>;
  /** Of a resource group, or of a whole subscription; ordered by scope key, from after `after`. */
  listIn(
    where: { readonly subscription: SubscriptionId; readonly resourceGroup?: string },
    page?: { readonly after: string; readonly limit: number },
  ): Promise<readonly Registration[]>;
  insert(registration: Omit<Registration, "id">): Promise<Registration>;
  update(registration: Registration): Promise<void>;
  findMany(ids: Iterable<RegistrationId>): Promise<readonly Registration[]>;
  addBillingModel(change: Omit<BillingModelChange, "id">): Promise<void>;
  /** The changes of the billing model recorded up to and including an instant, of one registration or of all. */
  billingModelChanges(of: {
    readonly recordedUntilMs: number;
    readonly registration?: RegistrationId;
  }): Promise<readonly BillingModelChange[]>;
  /** Takes it out of every look-up; what points to it still finds it by its number. */
  remove(id: RegistrationId, atMs: number): Promise<void>;
}
