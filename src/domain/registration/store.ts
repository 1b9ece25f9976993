import type { RegistrationId } from "../ids.ts";
import type { Registration, RegistrationScope } from "./registration.ts";

export interface RegistrationStore {
  find(scope: RegistrationScope): Promise<Registration | undefined>;
  findById(id: RegistrationId): Promise<Registration | undefined>;
  findByCloudId(cloudId: string): Promise<Registration | undefined>;
  findByName(name: string): Promise<readonly Registration[]>;
  list(): Promise<readonly Registration[]>;
  insert(registration: Omit<Registration, "id">): Promise<Registration>;
  update(registration: Registration): Promise<void>;
}
