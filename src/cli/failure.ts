import { CommanderError } from "commander";
import { Refused } from "../client/client.ts";
import type { CandidateInfo } from "../client/types.ts";
import { FAULTS, type FaultCode } from "../domain/faults/catalogue.ts";
import { type Fault, isFault, type Language, reportFault, wordsOf } from "../domain/faults/fault.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import { printNote, styled } from "./output.ts";

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly cause: string;
  readonly remedy: readonly string[];
  /** What the caller may have meant. */
  readonly candidates?: readonly CandidateInfo[];
}

/** The candidates among the details of a refusal; details of other refusals have another shape. */
function candidatesOf({ details }: Pick<Refused, "details">): readonly CandidateInfo[] {
  const { candidates } = (details ?? {}) as { readonly candidates?: unknown };
  return Array.isArray(candidates) ? (candidates as readonly CandidateInfo[]) : [];
}

/** A subscription with its name, or a registration with its cloud id. */
const candidateText = ({ subscription, displayName = "", id, cloudId }: CandidateInfo): string =>
  [subscription ?? id ?? "", subscription === undefined ? (cloudId ?? "") : displayName]
    .filter((text) => text !== "")
    .join("  ");

export function failureOf(error: Refused | Fault, language: Language): Failure {
  if (isFault(error)) return reportFault(error, language);
  const candidates = candidatesOf(error);
  const { code, message, explanation } = error;
  return { code, message, ...explanation, ...(candidates.length === 0 ? {} : { candidates }) };
}

/** Code and message, then why, then what may have been meant and what to do, one a line. */
export function failureText(failure: Failure, language: Language, indent = ""): string {
  const { code, message, cause, remedy, candidates = [] } = failure;
  const { why, act, meant } = wordsOf(language);
  const lines = [`${styled(["red", "bold"], code, process.stderr)}: ${message}`];
  if (cause !== "") lines.push(`${styled("dim", why, process.stderr)}  ${cause}`);
  for (const so of candidates) lines.push(`${styled("yellow", meant, process.stderr)}  ${candidateText(so)}`);
  for (const step of remedy) lines.push(`${styled("green", act, process.stderr)}  ${step}`);
  return lines.map((line) => indent + line).join("\n");
}

function exitStatus(error: Refused | Fault): number {
  const kind = isFault(error) ? error.kind : FAULTS[error.code as FaultCode]?.kind;
  if (kind === "defect") return EXIT_CODES.defect.status;
  if (error.code === "SettingInvalid") return EXIT_CODES.usage.status;
  if (kind === "not-found") return EXIT_CODES.notFound.status;
  return kind === "unavailable" || kind === "upstream" ? EXIT_CODES.unavailable.status : EXIT_CODES.refused.status;
}

/** Prints what went wrong and gives the exit status for it. */
export function reportFailure(error: unknown, { json, language }: { json: boolean; language: Language }): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT_CODES.done.status : EXIT_CODES.usage.status;
  }
  if (error instanceof Refused || isFault(error)) {
    const failure = failureOf(error, language);
    printNote(json ? JSON.stringify({ error: failure }, undefined, 2) : failureText(failure, language));
    return exitStatus(error);
  }
  const defect = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printNote(`InternalServerError: a defect in Stampbook; please report it with this text.\n${defect}`);
  return EXIT_CODES.defect.status;
}
