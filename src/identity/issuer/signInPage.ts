import { createHash } from "node:crypto";
import type { Language } from "../../domain/faults/fault.ts";
import type { Answer } from "../../http/route.ts";
import { NO_STORE } from "./oauth.ts";

const TEXTS = {
  en: {
    title: "Sign in to Stampbook",
    name: "User name",
    secret: "Secret",
    submit: "Sign in",
    wrong: "The user name or the secret is wrong.",
    locked: "Too many attempts. Wait a few minutes and try again.",
    again: "The page was open for too long. Please try again.",
    refused: "This sign-in cannot go on",
  },
  "zh-Hans": {
    title: "登录 Stampbook",
    name: "用户名",
    secret: "机密",
    submit: "登录",
    wrong: "用户名或机密不正确。",
    locked: "尝试次数过多。请等待几分钟后重试。",
    again: "页面打开时间过长。请重试。",
    refused: "无法继续登录",
  },
} as const satisfies Record<Language, Record<string, string>>;

export type Trouble = "wrong" | "locked" | "again";

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:15vh auto;padding:0 1rem;color:#1b1f24;background:#fff}" +
  "label{display:block;margin-top:1rem}input{width:100%;box-sizing:border-box;font:inherit;padding:.5rem;border:1px solid #59636e;border-radius:.25rem}" +
  "button{margin-top:1.5rem;font:inherit;padding:.5rem 1.5rem;border:0;border-radius:.25rem;background:#0b5cad;color:#fff}" +
  "input:focus-visible,button:focus-visible{outline:3px solid #0b5cad;outline-offset:2px}[role=alert]{color:#a40e26}";
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`);

/** @param sendTo origins that the form may lead to beside our own */
function page(status: number, language: Language, body: string, sendTo = ""): Answer {
  const title = TEXTS[language].title;
  return {
    status,
    headers: {
      ...NO_STORE,
      "content-type": "text/html; charset=utf-8",
      "content-language": language,
      "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self' ${sendTo}; frame-ancestors 'none'; base-uri 'none'`,
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    },
    body:
      `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${title}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`,
  };
}

/** The page on which a user signs in; it works without scripts. */
export function signInPage(
  language: Language,
  form: {
    /** Path and query that the form is sent to. */
    readonly action: string;
    readonly once: string;
    readonly redirectOrigin: string;
    readonly status?: number;
    readonly trouble?: Trouble | undefined;
  },
): Answer {
  const { title, name, secret, submit, ...troubles } = TEXTS[language];
  const alert = form.trouble === undefined ? "" : `<p role="alert">${troubles[form.trouble]}</p>`;
  return page(
    form.status ?? 200,
    language,
    `<h1>${title}</h1>${alert}<form method="post" action="${escaped(form.action)}">` +
      `<input type="hidden" name="once" value="${escaped(form.once)}">` +
      `<label for="n">${name}</label><input id="n" name="username" autocomplete="username" autocapitalize="none" required autofocus>` +
      `<label for="s">${secret}</label><input id="s" name="password" type="password" autocomplete="current-password" required>` +
      `<button>${submit}</button></form>`,
    form.redirectOrigin,
  );
}

/** Where sending the browser back would not be safe, the user reads why. */
export const refusalPage = (language: Language, reason: string): Answer =>
  page(400, language, `<h1>${TEXTS[language].refused}</h1><p role="alert">${escaped(reason)}</p>`);
