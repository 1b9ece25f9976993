import { FAULTS, type FaultCode, type FaultKind, type FaultParams } from "./catalogue.ts";
import type { ParkedReason } from "../statement/classify.ts";
import type { ParkedText } from "./parkedText.ts";
import { ENGLISH, ENGLISH_WORDS } from "./texts/english.ts";
import { ENGLISH_PARKED } from "./texts/englishParked.ts";
import { SIMPLIFIED_CHINESE_PARKED } from "./texts/simplifiedChineseParked.ts";
import { SIMPLIFIED_CHINESE, SIMPLIFIED_CHINESE_WORDS } from "./texts/simplifiedChinese.ts";

export interface FaultText {
  /** What is wrong, with the values that were given as `{placeholders}`. */
  readonly message: string;
  readonly cause: string;
  /** Steps that put it right. */
  readonly remedy: readonly string[];
  /** How to see this fault on purpose. */
  readonly provoke: string;
}

/** What stands around the texts of faults. */
export interface LanguageWords {
  /** The language's name for itself. */
  readonly name: string;
  /** The tags of an Accept-Language header, in lower case, that this language answers. */
  readonly accepts: RegExp;
  /** Before the cause, each step of the remedy and each candidate on the command line; all as wide. */
  readonly why: string;
  readonly act: string;
  readonly meant: string;
  /** Between the name of a fact and the fact. */
  readonly colon: string;
  readonly title: string;
  readonly about: string;
  readonly refusals: string;
  readonly refusalsAbout: string;
  readonly others: string;
  readonly kind: string;
  readonly status: string;
  /** Said of a status that the operator chose. */
  readonly statusChosen: string;
  readonly target: string;
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
  readonly provoke: string;
  readonly allCodes: string;
}

interface Spoken {
  readonly faults: Record<FaultCode, FaultText>;
  readonly words: LanguageWords;
  readonly parked: Record<ParkedReason, ParkedText>;
}

/** Every language, once; the first one is spoken to whoever asks for none of these. */
const LANGUAGE_LIST = {
  en: { faults: ENGLISH, words: ENGLISH_WORDS, parked: ENGLISH_PARKED },
  "zh-Hans": {
    faults: SIMPLIFIED_CHINESE,
    words: SIMPLIFIED_CHINESE_WORDS,
    parked: SIMPLIFIED_CHINESE_PARKED,
  },
} as const satisfies Record<string, Spoken>;

export type Language = keyof typeof LANGUAGE_LIST;
export const LANGUAGES = Object.keys(LANGUAGE_LIST) as Language[];

export const faultText = (code: FaultCode, language: Language): FaultText => LANGUAGE_LIST[language].faults[code];
export const wordsOf = (language: Language): LanguageWords => LANGUAGE_LIST[language].words;

/** Why usage waits and what to do about it. */
export function parkedText(
  reason: ParkedReason,
  params: { readonly registration: string; readonly localSubscription: string; readonly meter: string },
  language: Language,
): ParkedText {
  const { meaning, remedy } = LANGUAGE_LIST[language].parked[reason];
  return { meaning, remedy: remedy.map((step) => fill(step, params)) };
}

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
  const text = faultText(fault.code, language);
  return {
    code: fault.code,
    message: fill(text.message, fault.params),
    ...(fault.target === undefined ? {} : { target: fault.target }),
    cause: fill(text.cause, fault.params),
    remedy: text.remedy.map((step) => fill(step, fault.params)),
  };
}

/** The language of an `Accept-Language` header or a `--lang` option that we speak best. */
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
    const spoken = LANGUAGES.find((language) => wordsOf(language).accepts.test(tag));
    if (spoken !== undefined) return spoken;
  }
  return LANGUAGES[0]!;
}
