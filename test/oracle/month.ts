/** A month as plain facts: what the oracle and the product are both told. Numbers are decimal text. */
export interface Month {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** What is recorded after it is not known. */
  readonly knownUntilMs: number;
  /** In the order in which they arrived. */
  readonly records: readonly UsageFact[];
  readonly payments: readonly PaymentFact[];
  readonly sellers: readonly SellerFact[];
  /** Counts where nothing is assigned. */
  readonly builtIn: VersionFact;
  readonly versions: readonly VersionFact[];
  readonly assignments: readonly AssignmentFact[];
  readonly conversions: readonly ConversionFact[];
  readonly rates: readonly { readonly from: string; readonly to: string; readonly rate: string }[];
}

export interface UsageFact {
  readonly hour: number;
  readonly stamp: number;
  readonly local: string;
  readonly meter: string;
  readonly quantity: string;
}

/** From an hour on, a local subscription's usage is paid by a subscription. */
export interface PaymentFact {
  readonly stamp: number;
  readonly local: string;
  readonly hour: number;
  readonly subscription: string;
}

export interface SellerFact {
  readonly subscription: string;
  readonly partner: string;
  readonly provider: string | null;
  readonly reseller: string | null;
}

export interface VersionFact {
  readonly sheet: string;
  readonly version: number;
  readonly from: number;
  readonly currency: string;
  readonly mode: "down" | "half-even" | "half-up";
  readonly decimals: number;
  readonly prices: readonly PriceFact[];
  readonly commerceMeters: readonly (readonly [meter: string, commerceMeter: string])[];
}

export interface PriceFact {
  readonly meter: string;
  readonly region: string | null;
  readonly model: "graduated" | "volume" | "package";
  readonly packageSize: string | null;
  readonly tiers: readonly { readonly from: string; readonly unitPrice: string }[];
  readonly included: string;
  readonly hoursPerMonth: string | null;
  readonly minimum: string | null;
  readonly free: boolean;
}

export type LevelFact = "customer" | "reseller" | "provider";

export interface AssignmentFact {
  readonly id: number;
  readonly recordedAtMs: number;
  readonly level: LevelFact;
  readonly kind: "customer" | "stamp" | "reseller" | "partner" | "everyone";
  readonly party: string;
  readonly hour: number;
  /** Null ends what was assigned before. */
  readonly sheet: string | null;
  readonly region: string | null;
  readonly markups: readonly { readonly meter: string | null; readonly percent: string; readonly absolute: string }[];
  readonly credit: string;
  readonly currency: string | null;
}

/** From an hour on, a meter is priced by way of another; null: as the sheet says. */
export interface ConversionFact {
  readonly id: number;
  readonly meter: string;
  readonly hour: number;
  readonly commerceMeter: string | null;
  readonly factor: string;
}
