import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/cli/exitCodes.ts";
import { VERSION } from "../../src/version.ts";
import { startServer, stampbook } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { hubPage, hubRecord, ids, tokenOf } from "../support/world.ts";

// Goal: the commands do what a person at a terminal expects, and what a script can rely on.

const HOUR = "2024-02-10T10:00:00Z";

describe("by hand, from an empty folder", () => {
  test("register, approve, map, import twice, bill, explain", async () => {
    const cwd = temporaryFolder();
    const run = async (...args: string[]) => await stampbook(args, { cwd });
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(cwd, name), content);
      return name;
    };
    const scope = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
    const catalogue = [
      { subscription: ids.registration, offerType: "APSS", partner: "contoso" },
      { subscription: ids.customer, offerType: "CSP", partner: "contoso", tenant: ids.tenant },
    ];
    expect((await run("registrations", "list")).stdout).toBe("No stamp is registered yet.\n");
    expect((await run("catalogue", "import", file("catalogue.json", JSON.stringify(catalogue)))).status).toBe(0);
    // The folder was opened by each command itself until here; beside a server they are quicker.
    const server = await startServer(join(cwd, "stampbook-data"));
    // Windows PowerShell writes such a file as UTF-16 with a byte order mark.
    const token = file("token.txt", Buffer.from(`\uFEFF${tokenOf("cloud-north")}\r\n`, "utf16le"));
    expect((await run("registrations", "create", scope, "--token-file", token)).stdout).toContain("Registered north");

    const early = await run("tenants", "map", "north", ids.customer);
    expect(early.status).toBe(EXIT_CODES.refused.status);
    expect(early.stderr).toMatch(
      /^UnauthorizedCspRegistration: .*\nwhy {2}.*\ndo {3}Ask for it: stampbook approvals request north\n/,
    );
    expect((await run("approvals", "request", "north")).stdout).toBe("Multi-tenancy of north: requested\n");
    expect((await run("approvals", "approve", "north", "--reason", "signed")).stdout).toBe(
      "Multi-tenancy of north: approved\n",
    );
    const mistyped = await run("tenants", "map", "north", ids.customer.replace(/2$/, "1"));
    expect(mistyped.stderr).toMatch(
      new RegExp(`^InvalidCustomerSubscriptionId: .*\\nwhy {2}.*\\nor\\? {2}${ids.customer}.*\\ndo {3}`),
    );
    const unknown = await run("tenants", "map", "nort", ids.customer);
    expect(unknown.stderr).toContain(`\nor?  ${scope}  cloud-north\n`);
    const asJson = JSON.parse((await run("tenants", "list", "cloud-nort", "--json")).stderr) as Record<string, object>;
    expect(asJson["error"]).toMatchObject({ code: "RegistrationNotFound", candidates: [{ id: scope }] });
    expect((await run("tenants", "map", "north", ids.customer)).status).toBe(0);
    expect((await run("tenants", "list", "north")).stdout).toContain(ids.customer);

    const local = file("local.json", JSON.stringify({ value: [{ localSubscription: ids.local, tenant: ids.tenant }] }));
    expect((await run("local-subscriptions", "import", "north", local)).status).toBe(0);
    const page = file("page.json", hubPage([hubRecord({ hour: HOUR, quantity: "1000.0" })]));
    const window = ["--reported-start", "2024-02-10T11:00:00Z", "--reported-end", "2024-02-10T12:00:00Z"];
    const first = await run("usage", "import", page, "--registration", "north", ...window);
    expect(first.stdout).toBe("page.json: 1 accepted, 0 duplicates, 0 conflicts, 0 parked, 0 rejected\n");
    const again = await run("usage", "import", page, "--registration", "north", ...window, "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ files: [{ counts: { accepted: 0, duplicate: 1 } }] });
    expect((await run("usage", "parked")).stdout).toBe("Nothing is parked.\n");

    const statements = await run("statements", "run", "2024-02");
    expect(statements.stdout).toContain(
      "difference 0;\nquantities of 1 of 1 meters equal to the last digit: nothing is lost",
    );
    const explained = await run("explain", "2024-02-000001", "1");
    expect(explained.stdout).toContain("1000 vcpu-hour × 0.046 per vCPU-hour, truncated to 2 decimals = 46.00 USD");
    expect(await server.kill("SIGTERM")).toBe(0);
    expect((await run("statements", "show", "2024-02-000001")).stdout).toContain("Total 46.00 USD");
  });
});

describe("what scripts rely on", () => {
  test("help, version and usage errors", async () => {
    const cwd = temporaryFolder();
    const help = await stampbook(["--help"], { cwd });
    expect(help.status).toBe(0);
    for (const { doc } of Object.values(EXIT_CODES)) expect(help.stdout).toContain(doc);
    for (const name of [
      "demo",
      "serve",
      "registrations",
      "approvals",
      "tenants",
      "usage",
      "statements",
      "explain",
      "version",
    ]) {
      expect(help.stdout).toContain(`\n  ${name}`);
      expect((await stampbook([name, "--help"], { cwd })).status).toBe(0);
    }
    expect(JSON.parse((await stampbook(["version", "--json"], { cwd })).stdout)).toEqual({
      version: VERSION,
      node: process.version,
    });
    for (const args of [
      ["nothing"],
      ["usage", "import"],
      ["explain", "x", "y"],
      ["demo", "--records", "1"],
      ["--lang", "xx", "version"],
    ]) {
      const wrong = await stampbook(args, { cwd });
      expect([args, wrong.status, wrong.stdout]).toEqual([args, EXIT_CODES.usage.status, ""]);
      expect(wrong.stderr).toContain("see --help");
    }
  });

  test("refusals as JSON, in Chinese, with their exit status", async () => {
    const cwd = temporaryFolder();
    const missing = await stampbook(["statements", "list", "2024-02", "--json", "--lang", "zh-Hans"], { cwd });
    expect(missing.status).toBe(EXIT_CODES.notFound.status);
    expect(JSON.parse(missing.stderr)).toMatchObject({
      error: { code: "StatementRunNotFound", message: "2024-02 还没有对账单。" },
    });
    const unreadable = await stampbook(["usage", "import", "none.json", "--registration", "x"], { cwd });
    expect([unreadable.status, unreadable.stderr]).toEqual([1, expect.stringContaining("FileUnreadable")]);
    const gone = await stampbook(["registrations", "list", "--server", "http://127.0.0.1:1"], { cwd });
    expect([gone.status, gone.stderr]).toEqual([
      EXIT_CODES.unavailable.status,
      expect.stringContaining("ServerUnreachable"),
    ]);
    const setting = await stampbook(["serve", "--listen-port", "x"], { cwd });
    expect([setting.status, setting.stderr]).toEqual([
      EXIT_CODES.usage.status,
      expect.stringContaining("SettingInvalid"),
    ]);
    const misspelt = await stampbook(["registrations", "list"], { cwd, env: { STAMPBOOK_LISTEN_PROT: "1" } });
    expect([misspelt.status, misspelt.stderr]).toEqual([
      EXIT_CODES.usage.status,
      expect.stringContaining("STAMPBOOK_LISTEN_PROT"),
    ]);
  });

  test("commands reach the server that runs on their folder; a second server is refused", async () => {
    const cwd = temporaryFolder();
    const dataFolder = join(cwd, "data");
    const server = await startServer(dataFolder);
    const reached = await stampbook(["registrations", "list", "--data-folder", dataFolder, "--json"], { cwd });
    expect(JSON.parse(reached.stdout)).toEqual({ value: [] });
    const second = await stampbook(["serve", "--data-folder", dataFolder, "--listen-port", "0"], { cwd });
    expect(second.status).toBe(EXIT_CODES.unavailable.status);
    expect(second.stderr).toContain(
      `DataFolderInUse: The data folder '${dataFolder}' is in use by process ${server.pid}.`,
    );
    expect(await server.kill("SIGTERM")).toBe(0);
    const alone = await stampbook(["registrations", "list", "--data-folder", dataFolder], { cwd });
    expect([alone.status, alone.stderr]).toEqual([0, ""]);
  });

  test("colours only where they are wanted", async () => {
    const cwd = temporaryFolder();
    const args = ["statements", "list", "2024-02"];
    const ESCAPE = "\u001b[";
    expect((await stampbook(args, { cwd })).stderr).not.toContain(ESCAPE);
    expect((await stampbook(args, { cwd, env: { FORCE_COLOR: "1" } })).stderr).toContain(ESCAPE);
    expect((await stampbook(args, { cwd, env: { NO_COLOR: "1" } })).stderr).not.toContain(ESCAPE);
  });
});

describe("the demo", () => {
  test("--json prints the summary: difference 0, the eight refusals, a repeat that adds nothing", async () => {
    const cwd = temporaryFolder();
    const demo = await stampbook(["demo", "--json", "--records", "20000", "--seed", "5"], { cwd });
    expect([demo.status, demo.stderr]).toEqual([0, ""]);
    const summary = JSON.parse(demo.stdout) as Record<string, unknown> & {
      recordsAccepted: number;
      statements: object[];
    };
    expect(summary).toMatchObject({
      rejected: 5,
      conservation: { difference: 0, metersUnequal: 0 },
      secondImport: { accepted: 0 },
      refusals: [
        { code: "RegistrationNotFound", status: 404 },
        { code: "CustomerSubscriptionsNotAllowed", status: 409 },
        { code: "UnauthorizedCspRegistration", status: 403 },
        { code: "InvalidCustomerSubscriptionId", status: 400 },
        { code: "MetadataResolverBadGatewayError", status: 502 },
        { code: "InvalidCSPSubscription", status: 400 },
        { code: "BadCustomerSubscriptionId", status: 400 },
        { code: "CustomerSubscriptionNotFound", status: 404 },
      ],
    });
    for (const name of ["duplicates", "conflicts", "parked", "seconds", "recordsPerSecond", "peakRssMiB"]) {
      expect([name, typeof summary[name]]).toEqual([name, "number"]);
      expect(summary[name]).toBeGreaterThan(0);
    }
    expect(summary.recordsAccepted).toBeGreaterThan(19_000);
    expect(Object.keys(summary.statements[0]!)).toEqual(["number", "payer", "currency", "lines", "total"]);
  });

  test("in Chinese it says the refusals in Chinese; it leaves a folder that is not its own alone", async () => {
    const cwd = temporaryFolder();
    const demo = await stampbook(["demo", "--records", "10000", "--lang", "zh-Hans"], { cwd });
    expect(demo.status).toBe(0);
    expect(demo.stdout).toContain("RegistrationNotFound: 订阅");
    expect(demo.stdout).toContain("处理  列出已有的注册：stampbook registrations list");
    writeFileSync(join(cwd, "precious"), "data");
    const refused = await stampbook(["demo", "--data-folder", "."], { cwd });
    expect([refused.status, refused.stderr]).toEqual([
      EXIT_CODES.unavailable.status,
      expect.stringContaining("DataFolderUnusable"),
    ]);
    expect(readFileSync(join(cwd, "precious"), "utf8")).toBe("data");
  });
});

test("the simulator writes a month that can be imported", async () => {
  const cwd = temporaryFolder();
  const made = await stampbook(["simulator", "generate", "--records", "10000", "--gzip", "--out", "month", "--json"], {
    cwd,
  });
  const { files } = JSON.parse(made.stdout) as { files: string[] };
  expect(files.filter((file) => file.endsWith(".ndjson.gz"))).toHaveLength(3);
  const catalogue = JSON.parse(readFileSync(join(cwd, "month/catalogue.json"), "utf8")) as { subscription: string }[];
  const scope = `/subscriptions/${catalogue[0]!.subscription}/resourceGroups/g/providers/Microsoft.AzureStack/registrations/north`;
  await stampbook(["catalogue", "import", "month/catalogue.json"], { cwd });
  await stampbook(["registrations", "create", scope, "--token-file", "month/north.token"], { cwd });
  await stampbook(["local-subscriptions", "import", "north", "month/north.local-subscriptions.json"], { cwd });
  const imported = await stampbook(["usage", "import", "month/north.ndjson.gz", "--registration", "1", "--json"], {
    cwd,
  });
  const [{ counts }] = (JSON.parse(imported.stdout) as { files: [{ counts: Record<string, number> }] }).files;
  expect(counts["accepted"]).toBeGreaterThan(4_000);
  expect(counts["rejected"]).toBe(0);
});
