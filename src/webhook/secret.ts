import { readFileSync } from "node:fs";
import { Fault } from "../domain/faults/fault.ts";

/** Shorter ones can be guessed. */
const CHARS_MIN = 16;

/** @throws Fault SettingInvalid */
export function readSecret(file: string): string {
  const invalid = (reason: string, cause?: unknown): Fault =>
    new Fault("SettingInvalid", { setting: "approvalWebhookSecretFile", value: file, reason }, { cause });
  let secret: string;
  try {
    secret = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw invalid(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  if (secret.length < CHARS_MIN) throw invalid(`the secret in it has fewer than ${CHARS_MIN} characters`);
  return secret;
}
