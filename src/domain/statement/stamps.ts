import { changeHours, type Interval, intervalAt, intervalsOf } from "../history.ts";
import type { Hour, RegistrationId } from "../ids.ts";
import { coresOf } from "../registration/cores.ts";
import type { BillingModelChange, Registration } from "../registration/registration.ts";

/** What was known at one moment of the stamps themselves. */
export interface StampRecords {
  readonly registrations: readonly Registration[];
  readonly billingModels: readonly BillingModelChange[];
}

const NO_MODELS: readonly Interval<BillingModelChange>[] = [];

/** The stamps, and how each is billed in which hours; they are few, whoever uses them (design rule 2). */
export class Stamps {
  readonly #registrations: ReadonlyMap<RegistrationId, Registration>;
  readonly #models: ReadonlyMap<RegistrationId, readonly Interval<BillingModelChange>[]>;

  /** What it was made of. */
  readonly records: StampRecords;

  constructor(records: StampRecords) {
    this.records = records;
    const { registrations, billingModels } = records;
    this.#registrations = new Map(registrations.map((registration) => [registration.id, registration]));
    const byRegistration = Map.groupBy(billingModels, ({ registration }) => registration);
    this.#models = new Map([...byRegistration].map(([id, own]) => [id, intervalsOf(own)]));
  }

  registration(id: RegistrationId): Registration {
    const registration = this.#registrations.get(id);
    if (registration === undefined) throw new Error(`usage of registration ${id}, which does not exist`);
    return registration;
  }

  /** All of them, in their order; removed ones too. */
  registrations(): readonly Registration[] {
    return [...this.#registrations.values()];
  }

  /** The hours strictly inside [from, to) at which a registration is billed in another way. */
  billingChanges(id: RegistrationId, from: Hour, to: Hour): readonly Hour[] {
    return changeHours(this.modelsOf(id), from, to);
  }

  /** How a registration is billed in an hour, and by how many cores; null where nobody knows. */
  billingAt(id: RegistrationId, hour: Hour): Pick<BillingModelChange, "billingModel" | "cores"> {
    const { billingModel, tokenFacts } = this.registration(id);
    const change = intervalAt(this.modelsOf(id), hour)?.change;
    return { billingModel: change?.billingModel ?? billingModel, cores: change?.cores ?? coresOf(tokenFacts) };
  }

  protected modelsOf(id: RegistrationId): readonly Interval<BillingModelChange>[] {
    return this.#models.get(id) ?? NO_MODELS;
  }
}
