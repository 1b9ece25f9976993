import { type FaultCode, type FaultKind, FAULTS } from "../domain/faults/catalogue.ts";
import { type Fault, type Language, reportFault } from "../domain/faults/fault.ts";
import type { RefusalStatuses } from "./refusalStatuses.ts";

/** The one table from a kind of fault to an HTTP status (contract/registration.md §7.1). */
export const STATUS_OF_KIND: Readonly<Record<FaultKind, number>> = {
  // Not a refusal: what was asked for is not there yet (contract/usage.md §2).
  incomplete: 202,
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  method: 405,
  conflict: 409,
  precondition: 412,
  mismatch: 422,
  "too-large": 413,
  unsupported: 415,
  throttled: 429,
  "head-too-large": 431,
  upstream: 502,
  unavailable: 503,
  defect: 500,
};

/** The status of a code, unless an operator chose another one. */
export const statusOfCode = (code: FaultCode): number => STATUS_OF_KIND[FAULTS[code].kind];

/** What a server's settings say about its refusals. */
export interface FaultAnswers {
  readonly statusOf: (code: FaultCode) => number;
  /** Address of the page that explains a code. */
  readonly documentationOf: (code: FaultCode) => string;
}

/** @param documentationUrl where the pages are; asked anew each time, since a server learns its address late */
export const faultAnswers = (chosen: RefusalStatuses, documentationUrl: () => string): FaultAnswers => ({
  statusOf: (code) => chosen.get(code) ?? statusOfCode(code),
  documentationOf: (code) => `${documentationUrl().replace(/\/+$/, "")}/${code}`,
});

/** Seconds after which a caller may try again. */
export const RETRY_AFTER_S = 5;

export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly target?: string;
    readonly details: readonly { readonly code: string; readonly message: string; readonly target?: string }[];
    readonly additionalInfo: readonly { readonly type: string; readonly info: unknown }[];
  };
}

/**
 * The envelope of Azure Resource Manager; cause, remedy and the page that explains the code travel as additionalInfo
 * (contract/registration.md §2.6).
 */
export function errorBody(fault: Fault, language: Language, { documentationOf }: FaultAnswers): ErrorBody {
  const { code, message, target, cause, remedy } = reportFault(fault, language);
  const at = target === undefined ? {} : { target };
  const more = fault.info === undefined ? [] : [{ type: "StampbookDetails", info: fault.info }];
  return {
    error: {
      code,
      message,
      ...at,
      // Clients look into the details of this one for the namespace that they could register (§7.2).
      details: code === "MissingSubscriptionRegistration" ? [{ code, message, ...at }] : [],
      additionalInfo: [
        { type: "StampbookExplanation", info: { cause, remedy, documentation: documentationOf(code) } },
        ...more,
      ],
    },
  };
}
