import { FAULT_CODES, type FaultCode, FAULTS, REFUSAL_CODES } from "../domain/faults/catalogue.ts";
import { faultText, LANGUAGES, type Language, wordsOf } from "../domain/faults/fault.ts";
import { type FaultAnswers, statusOfCode } from "./errorBody.ts";

/** Where this server's own pages about errors are. */
export const ERROR_PAGES = "/docs/errors";

/** Nothing is loaded from anywhere, and nothing runs. */
export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  vary: "accept-language",
};

const SIGNS: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => SIGNS[sign]!);
/** Text in which backticks mark what is to be typed or stands for itself. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}code{font-family:ui-monospace,monospace}dt{font-weight:600;margin-top:.75rem}dd{margin:0}li{margin:.25rem 0}";

function html(language: Language, title: string, path: string, blocks: readonly string[]): string {
  const others = LANGUAGES.filter((other) => other !== language).map(
    (other) =>
      `<a href="${path}?lang=${other}" hreflang="${other}" lang="${other}">${escaped(wordsOf(other).name)}</a>`,
  );
  return [
    `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8"><title>${escaped(title)} · Stampbook</title>`,
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>`,
    ...blocks,
    `<p>${others.join(" · ")}</p></body></html>\n`,
  ].join("\n");
}

/** The page that explains one code: what the catalogue says, and the status that this server answers with. */
export function errorPage(code: FaultCode, language: Language, { statusOf }: FaultAnswers): string {
  const words = wordsOf(language);
  const { message, cause, remedy, provoke } = faultText(code, language);
  const { kind, target }: { readonly kind: string; readonly target?: string } = FAULTS[code];
  const status = statusOf(code);
  const chosen = status === statusOfCode(code) ? "" : ` (${words.statusChosen})`;
  const facts: (readonly [string, string])[] = [
    [words.message, prose(message)],
    [words.cause, prose(cause)],
    [words.remedy, `<ol>${remedy.map((step) => `<li>${prose(step)}</li>`).join("")}</ol>`],
    [words.provoke, prose(provoke)],
    [words.status, escaped(`${status}${chosen}`)],
    [words.kind, `<code>${kind}</code>`],
    ...(target === undefined ? [] : [[words.target, `<code>${escaped(target)}</code>`] as const]),
  ];
  return html(language, code, `${ERROR_PAGES}/${code}`, [
    `<p><a href="${ERROR_PAGES}?lang=${language}">${escaped(words.allCodes)}</a></p>`,
    `<h1><code>${code}</code></h1>`,
    `<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${value}</dd>`).join("\n")}</dl>`,
  ]);
}

/** All codes, one a line, in the order of the catalogue. */
export function errorIndexPage(language: Language, { statusOf }: FaultAnswers): string {
  const words = wordsOf(language);
  const item = (code: FaultCode): string =>
    `<li><a href="${ERROR_PAGES}/${code}?lang=${language}"><code>${code}</code></a> ${statusOf(code)}${escaped(words.colon)}${prose(faultText(code, language).message)}</li>`;
  return html(language, words.title, ERROR_PAGES, [
    `<h1>${escaped(words.title)}</h1><p>${prose(words.about)}</p>`,
    `<h2>${escaped(words.refusals)}</h2><p>${prose(words.refusalsAbout)}</p><ol>${REFUSAL_CODES.map(item).join("\n")}</ol>`,
    `<h2>${escaped(words.others)}</h2><ul>${FAULT_CODES.slice(REFUSAL_CODES.length).map(item).join("\n")}</ul>`,
  ]);
}
