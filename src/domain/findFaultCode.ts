import { nearestText } from "../lib/nearestText.ts";
import { FAULT_CODES, type FaultCode } from "./faults/catalogue.ts";
import { Fault } from "./faults/fault.ts";

/** A longer text is no code, and comparing it would take long. */
const CODE_CHARS_MAX = 100;

/** A code of the catalogue, in whatever case it is written. @throws Fault ErrorCodeUnknown naming the nearest one */
export function findFaultCode(text: string): FaultCode {
  const found = FAULT_CODES.find((code) => code.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const nearest = nearestText(text.slice(0, CODE_CHARS_MAX), FAULT_CODES as [FaultCode, ...FaultCode[]]);
  throw new Fault("ErrorCodeUnknown", { code: text, nearest });
}
