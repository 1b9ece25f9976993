export interface PriceInfo {
  readonly commerceMeter: string;
  readonly name: string;
  readonly unit: string;
  readonly tiers: readonly { readonly from: string; readonly unitPrice: string }[];
  readonly includedQuantity: string;
  readonly hoursPerMonth: string | null;
  readonly free: boolean;
  readonly verified: boolean;
  readonly confidence: string;
  readonly note: string;
}

export interface PriceSheetInfo {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly currency: string;
  readonly prices: readonly PriceInfo[];
  readonly unpriced: readonly {
    readonly meter: string;
    readonly meterName: string;
    readonly unit: string;
    readonly status: string;
  }[];
}

export interface SheetInfo {
  readonly sheet: string;
  readonly name: string;
  readonly currency: string;
  readonly builtIn: boolean;
  /** How many versions are published. */
  readonly published: number;
  readonly draft: boolean;
}

export interface SheetVersionInfo {
  readonly sheet: string;
  readonly version: number;
  readonly state: "draft" | "published";
  readonly from: string | null;
  readonly name: string;
  readonly currency: string;
  readonly rounding: { readonly mode: string; readonly scale: number };
  readonly priceCount: number;
  readonly createdAt: string | null;
  readonly createdBy: string;
  readonly publishedAt: string | null;
  readonly publishedBy: string | null;
  readonly reason: string;
}

export interface SheetPriceInfo extends PriceInfo {
  readonly model: string;
  readonly packageSize: string | null;
  readonly minimum: string | null;
  readonly region: string | null;
}

export interface WholeVersionInfo extends SheetVersionInfo {
  readonly prices: readonly SheetPriceInfo[];
  readonly capacityPackages: readonly {
    readonly id: string;
    readonly name: string;
    readonly corePricePerYear: string;
    readonly confidence: string;
    readonly note: string;
  }[];
  readonly commerceMeters: readonly { readonly meter: string; readonly commerceMeter: string }[];
  readonly confirmations: readonly {
    readonly commerceMeter: string;
    readonly region: string | null;
    readonly reason: string;
    readonly recordedAt: string;
    readonly recordedBy: string;
  }[];
}

interface FieldChangeInfo {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface SheetChangesInfo {
  readonly changes: readonly FieldChangeInfo[];
  readonly prices: readonly {
    readonly commerceMeter: string;
    readonly region: string | null;
    readonly name: string;
    readonly outcome: "added" | "removed" | "changed";
    readonly changes: readonly FieldChangeInfo[];
  }[];
}

export interface ImportedSheetInfo {
  readonly sheet: string;
  readonly version: number;
  readonly name: string;
  readonly currency: string;
  readonly priceCount: number;
  readonly replaced: boolean;
  /** Against the newest published version; null where there is none. */
  readonly diff: SheetChangesInfo | null;
}

/** What is wrong with a row of a price file; details of a refusal with code PriceFileInvalid. */
export interface PriceFileProblemsInfo {
  readonly rows: readonly {
    readonly position: number;
    readonly meter: string | null;
    readonly column: string | null;
    readonly code: string;
    readonly message: string;
    readonly remedy: readonly string[];
  }[];
  readonly rowsOmitted: number;
}

export interface TermsInfo {
  readonly sheet: string;
  readonly region: string | null;
  readonly markups: readonly {
    readonly commerceMeter: string | null;
    readonly percent: string;
    readonly absolute: string;
  }[];
  readonly creditPercent: string;
  readonly billingCurrency: string | null;
}

export interface AssignmentInfo {
  readonly id: number;
  readonly level: string;
  readonly party: { readonly kind: string; readonly id: string };
  readonly terms: TermsInfo | null;
  readonly from: string | null;
  readonly reason: string;
  readonly recordedAt: string;
  readonly recordedBy: string;
}

/** What is not said: level customer, no region, mark-up or credit, the sheet's currency, from the next whole hour. */
export interface NewAssignmentInfo extends Partial<Omit<TermsInfo, "sheet" | "markups">> {
  readonly level?: string;
  readonly party: { readonly kind: string; readonly id?: string };
  readonly sheet: string | null;
  readonly markups?: readonly {
    readonly commerceMeter?: string;
    readonly percent?: string;
    readonly absolute?: string;
  }[];
  readonly from?: string;
  readonly reason: string;
  readonly correction?: boolean;
}

export interface FxRateInfo {
  readonly id: number;
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly rate: string;
  readonly reason: string;
  readonly recordedAt: string;
  readonly recordedBy: string;
}

export interface UnpricedMeterInfo {
  readonly meter: string;
  readonly name: string;
  readonly unit: string;
  readonly status: string;
  readonly quantity: string;
  readonly records: number;
  readonly registrations: number;
  readonly from: string | null;
}
