import type { Command } from "commander";
import { FAULT_CODES, type FaultCode, FAULTS } from "../../domain/faults/catalogue.ts";
import { findFaultCode } from "../../domain/findFaultCode.ts";
import { faultText, type Language, wordsOf } from "../../domain/faults/fault.ts";
import { statusOfCode } from "../../http/errorBody.ts";
import { globalOptions } from "../command.ts";
import { printJson, printLine, printRows, styled } from "../output.ts";

interface ErrorInfo {
  readonly code: FaultCode;
  readonly kind: string;
  readonly status: number;
  readonly target: string | null;
  readonly message: string;
  readonly cause: string;
  readonly remedy: readonly string[];
  readonly provoke: string;
}

function infoOf(code: FaultCode, language: Language): ErrorInfo {
  const { kind, target }: { readonly kind: string; readonly target?: string } = FAULTS[code];
  return { code, kind, status: statusOfCode(code), target: target ?? null, ...faultText(code, language) };
}

export function addErrors(program: Command): void {
  const errors = program.command("errors").description("every error code: what it means and what to do");

  errors
    .command("list")
    .description("list every code, in the order of the catalogue")
    .action((_, command: Command) => {
      const output = globalOptions(command);
      const columns = [
        { title: "code", value: (so: ErrorInfo) => so.code },
        { title: "status", value: (so: ErrorInfo) => String(so.status) },
        { title: "message", value: (so: ErrorInfo) => so.message },
      ];
      const rows = FAULT_CODES.map((code) => infoOf(code, output.language));
      printRows(output, rows, columns, "");
    });

  errors
    .command("explain")
    .description("tell what a code means, what to do, and how to see it on purpose")
    .argument("<code>", "in any case")
    .action((text: string, _, command: Command) => {
      const { json, language } = globalOptions(command);
      const info = infoOf(findFaultCode(text), language);
      if (json) printJson(info);
      else printLine(explanationText(info, language));
    });
}

function explanationText({ code, kind, status, target, ...text }: ErrorInfo, language: Language): string {
  const words = wordsOf(language);
  const fact = (name: string, value: string): string => `${styled("dim", name)}${words.colon}${value}`;
  return [
    styled("bold", code),
    fact(words.message, text.message),
    fact(words.cause, text.cause),
    fact(words.remedy, "").trimEnd(),
    ...text.remedy.map((step, i) => `  ${i + 1}. ${step}`),
    fact(words.provoke, text.provoke),
    fact(words.status, String(status)),
    fact(words.kind, kind),
    ...(target === null ? [] : [fact(words.target, target)]),
  ].join("\n");
}
