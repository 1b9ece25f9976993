import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AwsV4Signer } from "aws4fetch";
import { beforeAll, expect, test } from "vitest";
import { readExportTarget } from "../../src/exportTarget/read.ts";
import { exportClosings } from "../../src/operations/exports/closings.ts";
import type { ExportTarget } from "../../src/domain/exports.ts";
import { closeAnyway } from "../support/closing.ts";
import { brokenFocusRules, readFocus } from "../support/focusRules.ts";
import { closeAtEnd, temporaryFolder } from "../support/temporary.ts";
import { asLines, hubRecord, ids, NORTH, openStampbook, registerNorth, type TestStampbook } from "../support/world.ts";

// Goal: every closing is at the target once, whole and with checksums; what was broken off does not look whole and is made
// anew; a bucket gets signed requests whose bytes it can check.
// Method: a close and a correction on real engines; a folder, and a server that checks signatures and checksums.

const PERIOD = "2024-02";
const FOLDERS = [`${PERIOD}/partner-contoso/closing-000001`, `${PERIOD}/partner-contoso/closing-000002`];
const FILES = ["daily-rated.csv", "focus.csv", "focus.parquet", "manifest.json"];
const HOUR = "2024-02-10T10:00:00Z";
const running = { stopped: () => false };
let stampbook: TestStampbook;

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook({ now: "2024-02-01T00:00:00Z" }));
  const { client, clock } = stampbook;
  await registerNorth(stampbook);
  await client.map(NORTH, ids.customer);
  clock.set("2024-03-05T12:00:00Z");
  const reported = { start: "2024-03-01T00:00:00Z", end: "2024-03-02T00:00:00Z" };
  await client.takeIn("north", asLines([hubRecord({ hour: HOUR, quantity: "1000.123" })]), reported);
  await closeAnyway(client, PERIOD);
  await client.takeIn("north", asLines([hubRecord({ hour: HOUR, quantity: "7", resource: "/r/late" })]), reported);
  await client.closing.issueCorrections(PERIOD, "contoso", "late usage");
});

const round = (target: ExportTarget, done = new Set<number>()) =>
  exportClosings(stampbook.stampbook.context, target, { done, ...running });

function targetFile(told: unknown): string {
  const file = join(temporaryFolder(), "target.json");
  writeFileSync(file, typeof told === "string" ? told : JSON.stringify(told));
  return file;
}

interface Manifest {
  readonly documents: number;
  readonly kind: string;
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[];
}

/** Every file of a closing is what its manifest says. */
function checkClosing(folder: string, read: (name: string) => Buffer): Manifest {
  const manifest = JSON.parse(read(`${folder}/manifest.json`).toString("utf8")) as Manifest;
  expect(manifest.files.map(({ file }) => file).sort()).toEqual(FILES.slice(0, 3));
  for (const { file, bytes, sha256 } of manifest.files) {
    const content = read(`${folder}/${file}`);
    expect([content.length, createHash("sha256").update(content).digest("hex")], file).toEqual([bytes, sha256]);
  }
  const focus = readFocus(read(`${folder}/focus.csv`).toString("utf8"));
  expect(brokenFocusRules(focus)).toEqual([]);
  expect(new Set(focus.map((row) => row["InvoiceId"])).size).toBe(manifest.documents);
  return manifest;
}

test("a folder gets every closing once; what was broken off has no manifest and is made anew", async () => {
  const folder = temporaryFolder();
  const target = readExportTarget(targetFile({ folder }))!;
  let puts = 0;
  const failing: ExportTarget = {
    has: (name) => target.has(name),
    async put(name, file) {
      puts += 1;
      if (puts === 6) throw new Error("the disk is full");
      await target.put(name, file);
    },
  };
  await expect(round(failing)).rejects.toThrow("the disk is full");
  expect(readdirSync(join(folder, FOLDERS[0]!)).sort()).toEqual(FILES);
  expect(readdirSync(join(folder, FOLDERS[1]!))).toEqual(["focus.csv"]);
  // As a process that was killed leaves it.
  writeFileSync(join(folder, FOLDERS[1]!, "focus.parquet.part"), "half");

  const done = new Set<number>();
  expect(await round(target, done)).toEqual([FOLDERS[1]]);
  expect([...done]).toEqual([1, 2]);
  const manifests = FOLDERS.map((of) => checkClosing(of, (name) => readFileSync(join(folder, name))));
  expect(manifests.map(({ kind }) => kind)).toEqual(["close", "correction"]);
  expect(readdirSync(join(folder, FOLDERS[1]!)).sort()).toEqual(FILES);

  // The same bytes when it is made again; what is known to be there is not even looked for.
  const before = readFileSync(join(folder, FOLDERS[0]!, "daily-rated.csv"));
  rmSync(join(folder, FOLDERS[0]!), { recursive: true });
  expect(await round(target, done)).toEqual([]);
  expect(await round(target)).toEqual([FOLDERS[0]]);
  expect(readFileSync(join(folder, FOLDERS[0]!, "daily-rated.csv")).equals(before)).toBe(true);
  expect(await stampbook.stampbook.context.exportSpool.count()).toBe(0);
});

const KEYS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret/of+the=bucket" };

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A bucket that takes only requests which are signed with its key, and bytes with the checksum that was signed. */
async function openBucket() {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const { authorization = "", host = "" } = request.headers;
      const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
      const headers = Object.fromEntries(
        signed.filter((name) => name !== "host").map((name) => [name, String(request.headers[name])]),
      );
      const url = `http://${host}${request.url!}`;
      const own = { ...KEYS, service: "s3", region: "here", method: request.method!, url, headers };
      const datetime = String(request.headers["x-amz-date"]);
      const expected = await new AwsV4Signer({ ...own, datetime }).authHeader();
      const sum = request.headers["x-amz-content-sha256"];
      const isWhole = request.method === "HEAD" || sum === createHash("sha256").update(body).digest("hex");
      if (authorization !== expected || !signed.includes("x-amz-content-sha256") || !isWhole) response.statusCode = 403;
      else if (request.headers["transfer-encoding"] !== undefined) response.statusCode = 411;
      else if (request.method === "PUT") objects.set(decodeURIComponent(request.url!), body);
      else if (!objects.has(decodeURIComponent(request.url!))) response.statusCode = 404;
      response.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { objects, endpoint: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

test("a bucket gets the same, signed and with checksums; with another key it gets nothing", async () => {
  const bucket = await openBucket();
  const told = { endpoint: bucket.endpoint, region: "here", bucket: "billing", prefix: "from north/", ...KEYS };
  const wrong = readExportTarget(targetFile({ ...told, secretAccessKey: "another" }))!;
  await expect(round(wrong)).rejects.toThrow("403");
  const target = readExportTarget(targetFile(told))!;
  expect(await round(target)).toEqual(FOLDERS);
  for (const folder of FOLDERS) checkClosing(folder, (name) => bucket.objects.get(`/billing/from north/${name}`)!);
  expect(bucket.objects.size).toBe(FOLDERS.length * FILES.length);
  expect(await round(target)).toEqual([]);
  bucket.close();
});

test.each<[string, unknown]>([
  ["what is not JSON", "folder: /x"],
  ["a folder that depends on where the server was started", { folder: "exports" }],
  ["a bucket without a key", { endpoint: "https://s3.example", region: "r", bucket: "billing", prefix: "" }],
  ["something more", { folder: "/x", bucket: "billing" }],
])("a target file with %s is refused at the start", (_, told) => {
  expect(() => readExportTarget(targetFile(told))).toThrow(expect.objectContaining({ code: "SettingInvalid" }));
});
