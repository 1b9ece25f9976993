import { Fault } from "../faults/fault.ts";

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** The ISO 4217 code of a text in any case. @throws Fault CurrencyUnknown; its target is the column */
export function currencyOf(column: string, text: string): string {
  const code = text.trim().toUpperCase();
  if (CURRENCIES.has(code)) return code;
  throw new Fault("CurrencyUnknown", { currency: text }, { target: column });
}
