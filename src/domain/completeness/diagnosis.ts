import { type Language, parkedText } from "../faults/fault.ts";
import { formatMeter } from "../ids.ts";
import type { ParkedReason } from "../statement/classify.ts";
import { DIRECTION_WORDS } from "./bridgeTexts.ts";
import { DIAGNOSIS_TEXTS, type DiagnosisKind, WAITING_TEXT, type WaitingKind } from "./texts.ts";

/** Something that somebody should look at. */
export interface Diagnosis {
  /** Name of the registration, or of the stamp in a bridge. */
  readonly of: string;
  readonly kind: DiagnosisKind | WaitingKind;
  /** What it is about, by the names that stand in its text. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** A diagnosis as its reader sees it. `kind` and `facts` are never translated. */
export interface ToldDiagnosis extends Diagnosis {
  readonly what: string;
  /** Steps to take. */
  readonly remedy: readonly string[];
}

const fill = (text: string, facts: Diagnosis["facts"]): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name]));

const isOfWaiting = (kind: Diagnosis["kind"]): kind is WaitingKind => !(kind in DIAGNOSIS_TEXTS);

export function tell(diagnosis: Diagnosis, language: Language): ToldDiagnosis {
  const { of, kind } = diagnosis;
  if (isOfWaiting(kind)) {
    const { reason, localSubscription, meter, ...facts } = diagnosis.facts;
    const names = { registration: of, localSubscription: String(localSubscription), meter: formatMeter(String(meter)) };
    const { meaning, remedy } = parkedText(reason as ParkedReason, names, language);
    const what = fill(WAITING_TEXT[language], { ...facts, meaning });
    return { of, kind, facts: { reason: String(reason), ...facts }, what, remedy };
  }
  const { what, remedy } = DIAGNOSIS_TEXTS[kind][language];
  const { direction, ...others } = diagnosis.facts;
  const words = DIRECTION_WORDS[language];
  const facts = direction === undefined ? others : { ...others, direction: words[direction as keyof typeof words] };
  return { ...diagnosis, what: fill(what, facts), remedy: remedy.map((step) => fill(step, facts)) };
}
