import {
  FAULT_CODES,
  FAULTS,
  type FaultCode,
  type FaultParams,
  REFUSAL_CODES,
} from "../../src/domain/faults/catalogue.ts";
import { Fault, FAULT_TEXTS, type Language } from "../../src/domain/faults/fault.ts";
import { statusOf } from "../../src/http/errorBody.ts";
import { code, list, page, plain } from "./markdown.ts";

interface Labels {
  readonly title: string;
  readonly about: string;
  readonly refusals: string;
  readonly refusalsAbout: string;
  readonly others: string;
  readonly kind: string;
  readonly status: string;
  readonly target: string;
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
  readonly provoke: string;
  readonly colon: string;
}

const LABELS: Readonly<Record<Language, Labels>> = {
  en: {
    title: "Errors",
    about:
      "Every code that can leave Stampbook, in the order of the catalogue. Words in braces stand for the values that were given. The command line prints code, message, cause and remedy. HTTP answers carry cause and remedy in `additionalInfo`. The same page in Simplified Chinese: [errors.zh-Hans.md](errors.zh-Hans.md).",
    refusals: "The eight refusals, in order of precedence",
    refusalsAbout: "When a request could be refused in several ways, the first of these is the answer.",
    others: "All other errors",
    kind: "Kind",
    status: "HTTP status",
    target: "Target",
    message: "Message",
    cause: "Cause",
    remedy: "Remedy",
    provoke: "How to provoke it",
    colon: ": ",
  },
  "zh-Hans": {
    title: "错误",
    about:
      "Stampbook 可能给出的全部错误代码，按目录顺序排列。花括号中的词代表给出的值。命令行会打印代码、消息、原因和处理办法；HTTP 响应在 `additionalInfo` 中给出原因和处理办法。英文版：[errors.md](errors.md)。",
    refusals: "八种拒绝，按优先顺序",
    refusalsAbout: "当一个请求有多种理由被拒绝时，以其中最靠前的一种作答。",
    others: "其他错误",
    kind: "类别",
    status: "HTTP 状态",
    target: "目标",
    message: "消息",
    cause: "原因",
    remedy: "处理",
    provoke: "如何触发",
    colon: "：",
  },
};

/** The status depends on the code alone, so the values that a message needs may be missing. */
const statusOfCode = (name: FaultCode): number => statusOf(new Fault(name, {} as FaultParams<typeof name>));

function entry(name: FaultCode, language: Language): string {
  const label = LABELS[language];
  const text = FAULT_TEXTS[language][name];
  const { kind, target }: { readonly kind: string; readonly target?: string } = FAULTS[name];
  const fact = (title: string, value: string): string => `${title}${label.colon}${value}`;
  return [
    `### ${code(name)}`,
    list([
      fact(label.kind, code(kind)),
      fact(label.status, String(statusOfCode(name))),
      ...(target === undefined ? [] : [fact(label.target, code(target))]),
      fact(label.message, plain(text.message)),
      fact(label.cause, plain(text.cause)),
      [fact(label.remedy, "").trimEnd(), ...text.remedy.map((step, i) => `  ${i + 1}. ${plain(step)}`)].join("\n"),
      fact(label.provoke, plain(text.provoke)),
    ]),
  ].join("\n\n");
}

export function errorsPage(language: Language): string {
  const label = LABELS[language];
  const others = FAULT_CODES.slice(REFUSAL_CODES.length);
  return page([
    `# ${label.title}`,
    label.about,
    `## ${label.refusals}`,
    label.refusalsAbout,
    ...REFUSAL_CODES.map((name) => entry(name, language)),
    `## ${label.others}`,
    ...others.map((name) => entry(name, language)),
  ]);
}
