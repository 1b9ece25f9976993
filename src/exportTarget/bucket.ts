import { openAsBlob } from "node:fs";
import { AwsClient } from "aws4fetch";
import type { ExportTarget } from "../domain/exports.ts";

export interface Bucket {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** What names of objects begin with; may be empty. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A server that is busy is asked again so often before the round fails; the next one goes on. */
const RETRIES = 2;
const NOT_FOUND = 404;
const ANSWER_CHARS_SHOWN = 300;

/** A bucket of any service that speaks the S3 protocol, by path. The service compares the checksum of what it gets. */
export function bucketTarget({ endpoint, bucket, prefix, region, ...credentials }: Bucket): ExportTarget {
  const client = new AwsClient({ ...credentials, region, service: "s3", retries: RETRIES });
  const urlOf = (name: string): string =>
    `${endpoint}/${[bucket, ...`${prefix}${name}`.split("/").map(encodeURIComponent)].join("/")}`;
  return {
    async has(name) {
      const answer = await client.fetch(urlOf(name), { method: "HEAD" });
      if (!answer.ok && answer.status !== NOT_FOUND)
        throw new Error(`the bucket answered ${answer.status} to HEAD ${name}`);
      return answer.ok;
    },
    async put(name, { path, sha256 }) {
      const body = await openAsBlob(path);
      const answer = await client.fetch(urlOf(name), {
        method: "PUT",
        body,
        headers: { "x-amz-content-sha256": sha256 },
      });
      const said = (await answer.text()).slice(0, ANSWER_CHARS_SHOWN);
      if (!answer.ok) throw new Error(`the bucket answered ${answer.status} to PUT ${name}: ${said}`);
    },
  };
}
