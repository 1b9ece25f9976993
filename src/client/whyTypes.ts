/** A decision, and from which hour on it counts. */
interface DecisionInfo {
  readonly id: number;
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly countsFrom: string | null;
  readonly rule: string;
}

/** Why somebody pays for the usage of a statement or a correction. */
export interface PayerExplanationInfo {
  readonly statement: {
    readonly number: string;
    readonly payer: string;
    readonly level: string;
    readonly issuer: string;
    readonly period: string;
    readonly state: string;
    readonly total: string;
    readonly currency: string;
  };
  readonly from: string;
  readonly to: string;
  readonly knownUntil: string;
  readonly reasons: readonly {
    readonly registration: number;
    readonly stamp: string;
    readonly cloudId: string;
    readonly tenant: string;
    readonly from: string;
    readonly to: string;
    readonly by: "mapping" | "removed-mapping" | "no-mapping";
    readonly change: DecisionInfo | null;
    readonly withoutMapping: string;
    readonly localSubscriptions: readonly {
      readonly localSubscription: string;
      readonly displayName: string;
      readonly change: DecisionInfo;
    }[];
    readonly usage: readonly {
      readonly meter: string;
      readonly meterName: string;
      readonly unit: string;
      readonly quantity: string;
      readonly records: number;
    }[];
  }[];
  readonly reasonsInAll: number;
  readonly capacity: readonly { readonly registration: number; readonly stamp: string }[];
  /** The same in sentences of the caller's language. */
  readonly text: readonly string[];
}
