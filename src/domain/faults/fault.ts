import { FAULTS, type FaultCode, type FaultKind, type FaultParams } from "./catalogue.ts";
import { ENGLISH } from "./texts/english.ts";
import { SIMPLIFIED_CHINESE } from "./texts/simplifiedChinese.ts";

export interface FaultText {
  /** What is wrong, with the values that were given as `{placeholders}`. */
  readonly message: string;
  readonly cause: string;
  /** Steps that put it right. */
  readonly remedy: readonly string[];
  /** How to see this fault on purpose. */
  readonly provoke: string;
}

export const LANGUAGES = ["en", "zh-Hans"] as const;
export type Language = (typeof LANGUAGES)[number];

export const FAULT_TEXTS: Record<Language, Record<FaultCode, FaultText>> = {
  en: ENGLISH,
  "zh-Hans": SIMPLIFIED_CHINESE,
};

/** A fault as its reader sees it. `code` is never translated. */
export interface FaultReport {
  readonly code: FaultCode;
  readonly message: string;
  readonly target?: string;
  readonly cause: string;
  readonly remedy: readonly string[];
}

/** An expected no. Anything else that is thrown is a defect and is answered as InternalServerError. */
export class Fault<Code extends FaultCode = FaultCode> extends Error {
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;
  readonly target: string | undefined;
  /** What else the caller should know, for example what was kept of a broken batch. */
  readonly info: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: Code,
    params: FaultParams<Code>,
    more: { target?: string; info?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(fill(ENGLISH[code].message, params), { cause: more.cause });
    this.name = "Fault";
    this.code = code;
    // What a caller sends may be megabytes, and a batch may have a thousand faults.
    this.params = Object.fromEntries(
      Object.entries<string | number>(params).map(([name, value]) => [name, shortened(value)]),
    );
    this.target = more.target ?? (FAULTS[code] as { target?: string }).target;
    this.info = more.info;
  }

  /** The same fault with something more that the caller should know. */
  with(info: Readonly<Record<string, unknown>>): Fault<Code> {
    const { params, target, cause } = this;
    const more = { info: { ...this.info, ...info }, cause, ...(target === undefined ? {} : { target }) };
    return new Fault(this.code, params, more);
  }

  get kind(): FaultKind {
    return FAULTS[this.code].kind;
  }
}

export const isFault = (error: unknown): error is Fault => error instanceof Fault;

const PLACEHOLDER = /\{(\w+)\}/g;
/** Longer values are cut. */
const VALUE_CHARS_MAX = 200;

function shortened(value: string | number): string | number {
  if (typeof value === "number" || value.length <= VALUE_CHARS_MAX) return value;
  return `${value.slice(0, VALUE_CHARS_MAX)}…`;
}

function fill(text: string, params: Readonly<Record<string, string | number>>): string {
  return text.replace(PLACEHOLDER, (_, name: string) => {
    return String(shortened(params[name] ?? ""));
  });
}

/** Message, cause and remedy of a fault in one language. */
export function reportFault(fault: Fault, language: Language): FaultReport {
  const text = FAULT_TEXTS[language][fault.code];
  return {
    code: fault.code,
    message: fill(text.message, fault.params),
    ...(fault.target === undefined ? {} : { target: fault.target }),
    cause: fill(text.cause, fault.params),
    remedy: text.remedy.map((step) => fill(step, fault.params)),
  };
}

/** The language of an `Accept-Language` header or a `--lang` option that we speak best; English otherwise. */
export function chooseLanguage(wanted: string | undefined): Language {
  const ranges = (wanted ?? "")
    .split(",")
    .map((range) => {
      const [tag = "", ...options] = range.trim().toLowerCase().split(";");
      const q = options
        .map((option) => /^\s*q=(\d(?:\.\d{1,3})?)\s*$/.exec(option)?.[1])
        .find((value) => value !== undefined);
      return { tag, weight: Math.round(Number.parseFloat(q ?? "1") * 1_000) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of ranges) {
    if (tag === "en" || tag.startsWith("en-")) return "en";
    if (/^zh(-hans|-cn|-sg)?(-|$)/.test(tag) && !/-(hant|tw|hk|mo)\b/.test(tag)) return "zh-Hans";
  }
  return "en";
}
