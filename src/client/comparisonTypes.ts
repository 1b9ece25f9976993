/** One difference between our statements and another side. */
export interface DifferenceInfo {
  readonly cause: string;
  /** What of the cause was met. */
  readonly situation: string;
  readonly measure: "quantity" | "unitPrice" | "amount" | "currency";
  readonly payer: string;
  /** Null where the other side names no stamps. */
  readonly stamp: string | null;
  readonly meter: string;
  readonly meterName: string | null;
  /** Null where the difference is of the whole period. */
  readonly day: string | null;
  readonly ours: string | null;
  readonly theirs: string | null;
  /** Theirs less ours; null where it is not a number. */
  readonly difference: string | null;
  /** The payer or the day at the other end. */
  readonly other: string | null;
  readonly explanation: string;
}

export interface ComparedPayerInfo {
  readonly payer: string;
  readonly currency: string | null;
  readonly ours: string;
  readonly theirs: string;
  readonly difference: string;
  readonly differences: number;
}

export interface ComparisonInfo {
  readonly period: string;
  readonly level: string;
  readonly against: string | null;
  readonly rows: number | null;
  readonly places: number;
  readonly differences: readonly DifferenceInfo[];
  readonly differencesInAll: number;
  readonly causes: Readonly<Record<string, number>>;
  readonly payers: readonly ComparedPayerInfo[];
}

/** What is compared: of everybody at the customers' level unless said. */
export interface ComparisonScope {
  readonly level?: string | undefined;
  readonly partner?: string | undefined;
  readonly payer?: string | undefined;
}

/** What is wrong in which row of a file that was refused. */
export interface RowProblemsInfo {
  readonly rows: readonly {
    readonly position: number;
    readonly column: string | null;
    readonly code: string;
    readonly message: string;
    readonly remedy: readonly string[];
  }[];
  readonly rowsOmitted: number;
}
