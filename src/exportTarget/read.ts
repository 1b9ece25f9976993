import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { Type } from "typebox";
import { Check } from "typebox/value";
import { Fault } from "../domain/faults/fault.ts";
import type { ExportTarget } from "../domain/exports.ts";
import { bucketTarget } from "./bucket.ts";
import { folderTarget } from "./folder.ts";

const name = Type.String({ minLength: 1 });

const FolderTarget = Type.Object({ folder: name }, { additionalProperties: false });
const BucketTarget = Type.Object(
  {
    endpoint: Type.String({ pattern: "^https?://[^?#@]+[^/?#@]$" }),
    region: name,
    bucket: Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$" }),
    prefix: Type.String(),
    accessKeyId: name,
    secretAccessKey: name,
  },
  { additionalProperties: false },
);

/**
 * Where closed documents are exported to by themselves; undefined where nowhere.
 * @throws Fault SettingInvalid
 */
export function readExportTarget(file: string): ExportTarget | undefined {
  if (file === "") return undefined;
  const invalid = (reason: string, cause?: unknown): Fault =>
    new Fault("SettingInvalid", { setting: "exportTargetFile", value: file, reason }, { cause });
  let told: unknown;
  try {
    told = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalid(code === undefined ? "the file is not JSON" : `the file cannot be read (${code})`, error);
  }
  if (Check(FolderTarget, told) && isAbsolute(told.folder)) return folderTarget(told.folder);
  if (Check(BucketTarget, told)) return bucketTarget(told);
  throw invalid("it needs an absolute folder, or endpoint, region, bucket, prefix, accessKeyId and secretAccessKey");
}
