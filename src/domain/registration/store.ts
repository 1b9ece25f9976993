import type { RegistrationId, SubscriptionId } from "../ids.ts";
import type { Registration, RegistrationScope } from "./registration.ts";

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
  /** Takes it out of every look-up; what points to it still finds it by its number. */
  remove(id: RegistrationId, atMs: number): Promise<void>;
}
