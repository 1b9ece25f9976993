import { join } from "node:path";
import { expect, test } from "vitest";
import { embed } from "../../src/cli/connect.ts";
import { send } from "../../src/client/transport.ts";
import { FAULT_CODES, FAULTS } from "../../src/domain/faults/catalogue.ts";
import { readSettings } from "../../src/settings.ts";
import { stampbook as run } from "../support/cli.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";

// Goal: each refusal links the page that explains it, in the reader's language, and statuses are the operator's to choose.

async function listening(settings: Record<string, string> = {}) {
  const given = { dataFolder: join(temporaryFolder(), "data"), logLevel: "silent", ...settings };
  const opened = mustClose(await embed(readSettings(given, {}), "en"));
  const url = await opened.stampbook.server.listen({ host: "127.0.0.1", port: 0 });
  opened.stampbook.context.signIn.urls.set([url]);
  const get = async (address: string, language = "en") => {
    const response = await fetch(new URL(address, url), { headers: { "accept-language": language } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { ...opened, url, get };
}

interface Explained {
  readonly error: { readonly code: string; readonly additionalInfo: { info: { documentation: string } }[] };
}

test("a refusal links its page, which is public and in the language of the reader", async () => {
  const { client, url, get, close } = await listening();
  const refused = await send({ url }, { method: "GET", path: "/v1/registrations" });
  const { documentation } = (refused.body as Explained).error.additionalInfo[0]!.info;
  expect(documentation).toBe(`${url}/docs/errors/AuthenticationFailed`);
  const local = await client.send({ method: "GET", path: "/nowhere" });
  expect((local.body as Explained).error.additionalInfo[0]!.info.documentation).toBe(
    `${url}/docs/errors/RouteNotFound`,
  );

  const english = await get(documentation);
  expect([english.status, english.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(english.text).toContain("How to provoke it");
  const chinese = await get(documentation, "zh-CN");
  expect(chinese.headers.get("content-language")).toBe("zh-Hans");
  expect(chinese.text).toContain("如何触发");
  expect((await get(`${documentation}?lang=zh-Hans`)).text).toBe(chinese.text);
  await close();
});

test("every code has a page, in both languages, that loads nothing and lets no text become markup", async () => {
  const { get, close } = await listening();
  for (const language of ["en", "zh-Hans"]) {
    for (const code of FAULT_CODES) {
      const { status, text } = await get(`/docs/errors/${code}`, language);
      expect([status, text.includes(`<h1><code>${code}</code></h1>`)], code).toEqual([200, true]);
      expect(text, code).not.toMatch(/<script|<img|<link|src=|href="(?:https?:)?\/\//i);
    }
    const { text } = await get("/docs/errors", language);
    const linked = [...text.matchAll(/<li><a href="\/docs\/errors\/(\w+)\?lang=/g)].map(([, code]) => code);
    expect(linked).toEqual(FAULT_CODES);
  }
  const unknown = await get("/docs/errors/%3Cscript%3E");
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get("content-type")).toMatch(/^application\/json/);
  expect((JSON.parse(unknown.text) as Explained).error.code).toBe("ErrorCodeUnknown");
  await close();
});

test("settings choose where the pages are and which status a refusal has", async () => {
  const { client, get, close } = await listening({
    documentationUrl: "https://docs.example/errors/",
    refusalStatuses: "RegistrationNotFound=410",
  });
  const reply = await client.send({ method: "GET", path: "/v1/registrations/nowhere" });
  expect(reply.status).toBe(410);
  expect((reply.body as Explained).error.additionalInfo[0]!.info.documentation).toBe(
    "https://docs.example/errors/RegistrationNotFound",
  );
  expect((await get("/docs/errors/RegistrationNotFound")).text).toContain("410 (chosen by this server&#39;s operator)");
  expect((await get("/docs/errors/InvalidCSPSubscription")).text).not.toContain("chosen by");
  await close();
});

test("the command lists and explains codes in the chosen language, and suggests the nearest one", async () => {
  const cwd = temporaryFolder();
  const listed = await run(["errors", "list", "--json"], { cwd });
  expect((JSON.parse(listed.stdout) as { value: { code: string }[] }).value.map(({ code }) => code)).toEqual(
    FAULT_CODES,
  );
  const explained = await run(["errors", "explain", "registrationNotFound", "--json", "--lang", "zh-Hans"], { cwd });
  expect(JSON.parse(explained.stdout)).toMatchObject({
    code: "RegistrationNotFound",
    kind: FAULTS.RegistrationNotFound.kind,
    status: 404,
    cause: "订阅、资源组或注册名称所指的注册并不存在。",
    provoke: "在从未注册过的注册名称下映射租户。",
  });
  const text = await run(["errors", "explain", "RegistrationNotFound"], { cwd });
  expect(text.stdout).toContain("Remedy:\n  1. List what is registered: stampbook registrations list\n");
  const unknown = await run(["errors", "explain", "RegistrationNotFuond"], { cwd });
  expect(unknown.status).toBe(3);
  expect(unknown.stderr).toContain("the nearest one is RegistrationNotFound.");
  const started = await run(["serve", "--refusal-statuses", "RouteNotFound=404"], { cwd });
  expect([started.status, started.stderr]).toEqual([2, expect.stringContaining("SettingInvalid")]);
});
