import { readFile } from "node:fs/promises";
import { Fault } from "../../domain/faults/fault.ts";
import type { DeliveredCounts } from "../../domain/bridge/stampState.ts";
import { canonicalJson } from "../../lib/canonicalJson.ts";
import { replaceFile } from "../durable.ts";
import { isSignedBy, signText } from "./bundleFile.ts";
import type { OwnKeys, PublicKeys } from "./keys.ts";

/** What the side that imports says of a bundle. */
export interface Receipt {
  readonly stamp: string;
  /** Whose bundle it was: public keys as text. */
  readonly sender: string;
  readonly number: number;
  /** Digest of what it brought. */
  readonly content: string;
  readonly importedAt: string;
  /** What became of its rows on the server. */
  readonly counts: DeliveredCounts;
  /** Numbers below the highest one that were not imported yet. */
  readonly missing: readonly number[];
}

/** Durable when it returns. */
export async function writeReceipt(file: string, receipt: Receipt, own: OwnKeys): Promise<void> {
  const signature = signText(canonicalJson(receipt), own);
  await replaceFile(file, `${JSON.stringify({ receipt, signature }, undefined, 2)}\n`);
}

/**
 * @param recipientOf whose signature counts for a stamp
 * @throws Fault ReceiptInvalid, FileUnreadable
 */
export async function readReceipt(file: string, recipientOf: (stamp: string) => PublicKeys): Promise<Receipt> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Fault("FileUnreadable", { file, reason: (error as Error).message }, { cause: error });
  });
  let read: { readonly receipt?: Receipt; readonly signature?: unknown } | null;
  try {
    read = JSON.parse(text) as typeof read;
  } catch {
    read = null;
  }
  const { receipt, signature } = read ?? {};
  if (receipt === undefined || typeof receipt.stamp !== "string" || typeof signature !== "string") {
    throw new Fault("ReceiptInvalid", { file, reason: "it is no receipt" });
  }
  if (isSignedBy(canonicalJson(receipt), signature, recipientOf(receipt.stamp))) return receipt;
  throw new Fault("ReceiptInvalid", {
    file,
    reason: "its signature is not that of bundleRecipient, or something was changed",
  });
}
