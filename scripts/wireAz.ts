// npm run wire:az: the `az` command line against a fresh server, command by command (contract/clients.md), and then the
// guide docs/guides/register-a-stamp.md against another, literally.
import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../src/client/client.ts";
import { differenceOf, readGuide } from "../test/support/guide.ts";
import { openWorkshop } from "../test/support/guideWorkshop.ts";

const SUBSCRIPTION = "10000000-0000-4000-8000-000000000001";
const CUSTOMER = "20000000-0000-4000-8000-000000000002";
const TENANT = "30000000-0000-4000-8000-000000000001";
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/azurestack`;
const REGISTRATION = `${GROUP}/providers/Microsoft.AzureStack/registrations/reg1`;
const MAPPING = `${REGISTRATION}/customerSubscriptions/${CUSTOMER}`;
const ROLES = "/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01";
const OWNER = `${REGISTRATION}/providers/Microsoft.Authorization/roleDefinitions/6f12a6df-dd06-4f3e-bcb1-ce8be600526a`;
const ASSIGNMENT = `${REGISTRATION}/providers/Microsoft.Authorization/roleAssignments/60000000-0000-4000-8000-000000000001?api-version=2022-04-01`;
const V = ["--api-version", "2017-06-01"];
const TOKEN = Buffer.from(
  JSON.stringify({ billingModel: "PayAsYouUse", objectId: "bridge", cloudId: "cloud-az", version: "1.0" }),
).toString("base64");

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** Found in what the command prints. */
  readonly prints?: RegExp;
  /** Exit status; 0 unless it shall fail (3: not found, 1: other refusals). */
  readonly status?: number;
}

const step = (name: string, args: readonly string[], prints?: RegExp, status = 0): Step =>
  prints === undefined ? { name, args, status } : { name, args, prints, status };

const withToken = JSON.stringify({ registrationToken: TOKEN });

/** Before the registration is approved. */
const BEFORE_APPROVAL: readonly Step[] = [
  step("account list", ["account", "list"], new RegExp(SUBSCRIPTION)),
  step("account list-locations", ["account", "list-locations", "-o", "tsv"], /global/),
  step("provider show", ["provider", "show", "-n", "Microsoft.AzureStack"], /NotRegistered/),
  step("provider register", ["provider", "register", "-n", "Microsoft.AzureStack", "--wait"]),
  step("provider list", ["provider", "list", "-o", "tsv"], /Microsoft\.AzureStack/),
  step("group exists: no", ["group", "exists", "-n", "azurestack"], /false/),
  step("group create", ["group", "create", "-n", "azurestack", "-l", "local"], /Succeeded/),
  step("group exists: yes", ["group", "exists", "-n", "azurestack"], /true/),
  step("group show", ["group", "show", "-n", "azurestack"], /local/),
  step("group list", ["group", "list", "-o", "tsv"], /azurestack/),
  step(
    "registration create",
    ["resource", "create", "--id", REGISTRATION, ...V, "--location", "global", "--properties", withToken],
    /cloud-az/,
  ),
  step(
    "registration create, full object",
    [
      "resource",
      "create",
      "--id",
      REGISTRATION,
      ...V,
      "--is-full-object",
      "--properties",
      JSON.stringify({ location: "global", properties: { registrationToken: TOKEN } }),
    ],
    /cloud-az/,
  ),
  step("registration show", ["resource", "show", "--ids", REGISTRATION, ...V], /PayAsYouUse/),
  step("registration show, version found by az", ["resource", "show", "--ids", REGISTRATION], /PayAsYouUse/),
  step("resource list of the group", ["resource", "list", "-g", "azurestack", "-o", "table"], /reg1/),
  step(
    "resource list by type",
    ["resource", "list", "--resource-type", "Microsoft.AzureStack/registrations", "-o", "table"],
    /reg1/,
  ),
  step(
    "a registration that is not there",
    ["resource", "show", "--ids", `${REGISTRATION}x`, ...V],
    /ResourceNotFound/,
    3,
  ),
  step("tag", ["resource", "tag", "--ids", REGISTRATION, ...V, "--tags", "a=b"], /"a": "b"/),
  step("update", ["resource", "update", "--ids", REGISTRATION, ...V, "--set", "tags.c=d"], /"c": "d"/),
  step(
    "GetActivationKey",
    ["resource", "invoke-action", "--ids", REGISTRATION, "--action", "GetActivationKey", ...V],
    /activationKey/,
  ),
  step(
    "mapping before the approval",
    ["resource", "create", "--id", MAPPING, ...V, "--location", "global", "--properties", "{}"],
    /UnauthorizedCspRegistration/,
    1,
  ),
];

const AFTER_APPROVAL: readonly Step[] = [
  step(
    "mapping create",
    ["resource", "create", "--id", MAPPING, ...V, "--location", "global", "--properties", "{}"],
    new RegExp(TENANT),
  ),
  step("mapping show", ["resource", "show", "--ids", MAPPING, ...V], new RegExp(TENANT)),
  step(
    "mappings by az rest",
    ["rest", "--method", "get", "--url", `${REGISTRATION}/customerSubscriptions?api-version=2017-06-01`],
    new RegExp(`reg1/${CUSTOMER}`),
  ),
  step(
    "a mapping that was never made",
    ["resource", "show", "--ids", `${REGISTRATION}/customerSubscriptions/${SUBSCRIPTION}`, ...V],
    /CustomerSubscriptionNotFound/,
    3,
  ),
  step(
    "a wrong customer subscription",
    [
      "resource",
      "create",
      "--id",
      `${REGISTRATION}/customerSubscriptions/${CUSTOMER.replace(/2$/, "3")}`,
      ...V,
      "--location",
      "global",
      "--properties",
      "{}",
    ],
    /InvalidCustomerSubscriptionId/,
    1,
  ),
  step(
    "lock create",
    ["lock", "create", "-n", "RegistrationResourceLock", "--lock-type", "CanNotDelete", "--resource", REGISTRATION],
    /CanNotDelete/,
  ),
  step("lock list", ["lock", "list", "-g", "azurestack"], /RegistrationResourceLock/),
  step("a delete that the lock stops", ["resource", "delete", "--ids", MAPPING, ...V, "--verbose"], /ScopeLocked/, 1),
  step("lock delete", ["lock", "delete", "-n", "RegistrationResourceLock", "--resource", REGISTRATION]),
  step("mapping delete", ["resource", "delete", "--ids", MAPPING, ...V]),
  // Debian's build of az 2.45 fails inside on `az role …`, before it asks anything: so as the command would ask.
  step(
    "role definitions by az rest",
    ["rest", "--method", "get", "--url", `${REGISTRATION}${ROLES}`],
    /Azure Stack Registration Owner/,
  ),
  step(
    "role assignment by az rest",
    [
      "rest",
      "--method",
      "put",
      "--url",
      ASSIGNMENT,
      "--body",
      JSON.stringify({ properties: { principalId: TENANT, roleDefinitionId: OWNER } }),
    ],
    new RegExp(TENANT),
  ),
  step("registration delete", ["resource", "delete", "--ids", REGISTRATION, ...V]),
  step("group delete", ["group", "delete", "-n", "azurestack", "--yes"]),
  step("logout", ["logout"]),
];

interface Ended {
  readonly status: number;
  readonly text: string;
}

const run = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  new Promise((resolve) => {
    execFile("az", [...args], { env, timeout: 120_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ status, text: `${stdout}${stderr}` });
    });
  });

const outcome = (ok: boolean, beganMs: number): string =>
  `${ok ? "ok    " : "FAILED"} ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`;

/** Runs a step and says how it went; whether it went as it should. */
async function take({ name, args, prints, status = 0 }: Step, env: NodeJS.ProcessEnv): Promise<boolean> {
  const began = performance.now();
  const ended = await run(args, env);
  const ok = ended.status === status && (prints === undefined || prints.test(ended.text));
  console.log(`${outcome(ok, began)}  ${name}`);
  if (!ok) console.log(`az ${args.join(" ")}\nexit status ${ended.status}, expected ${status}\n${ended.text}`);
  return ok;
}

/** The server as an operator starts it, and what it tells at its first start. */
async function startServer(
  dataFolder: string,
): Promise<{ readonly stop: () => void; readonly clientId: string; readonly secret: string }> {
  const bin = join(import.meta.dirname, "../bin/stampbook.mjs");
  const child = spawn(process.execPath, [
    bin,
    "serve",
    "--listen-port",
    "0",
    "--data-folder",
    dataFolder,
    "--log-level",
    "error",
  ]);
  let told = "";
  const shown = /client id {2}(\S+)\n {2}secret {5}(\S+)\n/;
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      told += chunk.toString();
      if (shown.test(told)) resolve();
    });
    child.once("close", () => reject(new Error(`the server did not start:\n${told}`)));
  });
  const [, clientId = "", secret = ""] = shown.exec(told) ?? [];
  return { stop: () => void child.kill("SIGTERM"), clientId, secret };
}

/** Does everything that the guide says, in order. @returns whether all of it was as the guide shows it */
async function followGuide(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "stampbook-guide-"));
  const guide = readGuide("register-a-stamp.md");
  const workshop = await openWorkshop(folder, guide);
  let failed = 0;
  try {
    for (const guideStep of guide.steps) {
      const began = performance.now();
      const { text, status } = await workshop.shell.run(guideStep.command);
      const difference = differenceOf(guideStep, text, folder);
      const ok = status === guideStep.status && difference === undefined;
      console.log(`${outcome(ok, began)}  guide: ${guideStep.command.slice(0, 100)}`);
      if (ok) continue;
      failed += 1;
      console.log(`exit status ${status}, expected ${guideStep.status}\n${text}\nexpected\n${guideStep.shown}`);
    }
  } finally {
    await workshop.close();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${guide.steps.length - failed} of ${guide.steps.length} commands of the guide did what it shows.`);
  return failed === 0;
}

async function main(): Promise<void> {
  const version = spawnSync("az", ["version", "--output", "tsv"], { encoding: "utf8" });
  if (version.status !== 0) throw new Error("az is not on this machine; see https://aka.ms/azure-cli");
  const folder = mkdtempSync(join(tmpdir(), "stampbook-az-"));
  const dataFolder = join(folder, "data");
  const server = await startServer(dataFolder);
  try {
    const about = JSON.parse(readFileSync(join(dataFolder, "server.json"), "utf8")) as Record<string, string>;
    const { url = "", authorityFile = "", directory = "", socketPath = "" } = about;
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      AZURE_CONFIG_DIR: join(folder, "azure"),
      AZURE_CORE_COLLECT_TELEMETRY: "false",
      REQUESTS_CA_BUNDLE: authorityFile,
    };
    const admin = new Client({ socketPath });
    await admin.putCatalogue([
      { subscription: SUBSCRIPTION, offerType: "APSS", partner: "contoso" },
      { subscription: CUSTOMER, offerType: "CSP", partner: "contoso", tenant: TENANT },
    ]);
    const signIn = [
      step("cloud register", ["cloud", "register", "-n", "stampbook", "--endpoint-resource-manager", url]),
      step("cloud set", ["cloud", "set", "-n", "stampbook"]),
      step(
        "login with a wrong secret",
        ["login", "--service-principal", "-u", server.clientId, "-p", "wrong", "--tenant", directory],
        /client secret is wrong/,
        1,
      ),
      step(
        "login",
        ["login", "--service-principal", "-u", server.clientId, "-p", server.secret, "--tenant", directory],
        new RegExp(SUBSCRIPTION),
      ),
      step("account set", ["account", "set", "-s", SUBSCRIPTION]),
    ];
    const failed: string[] = [];
    const takeAll = async (steps: readonly Step[]): Promise<void> => {
      for (const so of steps) if (!(await take(so, env))) failed.push(so.name);
    };
    await takeAll([...signIn, ...BEFORE_APPROVAL]);
    await admin.approval("reg1", "request");
    await admin.approval("reg1", "approve");
    await takeAll(AFTER_APPROVAL);
    const steps = signIn.length + BEFORE_APPROVAL.length + AFTER_APPROVAL.length;
    console.log(`${steps - failed.length} of ${steps} commands did what they should.`);
    if (failed.length > 0) process.exitCode = 1;
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
  if (!(await followGuide())) process.exitCode = 1;
} catch (error) {
  console.error(`wire:az: ${(error as Error).message}`);
  process.exitCode = 1;
}
