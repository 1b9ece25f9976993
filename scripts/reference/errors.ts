import { FAULT_CODES, type FaultCode, FAULTS, REFUSAL_CODES } from "../../src/domain/faults/catalogue.ts";
import { faultText, LANGUAGES, type Language, wordsOf } from "../../src/domain/faults/fault.ts";
import { statusOfCode } from "../../src/http/errorBody.ts";
import { code, list, page, plain } from "./markdown.ts";

const FOLDER = "docs/reference";
/** English has the plain names. */
const [PLAIN] = LANGUAGES;

const indexName = (language: Language): string => (language === PLAIN ? "errors.md" : `errors.${language}.md`);
const folderOf = (language: Language): string => (language === PLAIN ? "errors" : `errors/${language}`);
const otherThan = (language: Language): readonly Language[] => LANGUAGES.filter((other) => other !== language);

function codePage(name: FaultCode, language: Language): string {
  const words = wordsOf(language);
  const text = faultText(name, language);
  const { kind, target }: { readonly kind: string; readonly target?: string } = FAULTS[name];
  const fact = (title: string, value: string): string => `${title}${words.colon}${value}`;
  const up = language === PLAIN ? ".." : "../..";
  const links = [
    `[${words.allCodes}](${up}/${indexName(language)})`,
    ...otherThan(language).map((other) => `[${wordsOf(other).name}](${up}/${folderOf(other)}/${name}.md)`),
  ];
  return page([
    `# ${code(name)}`,
    links.join(" · "),
    list([
      fact(words.status, String(statusOfCode(name))),
      fact(words.kind, code(kind)),
      ...(target === undefined ? [] : [fact(words.target, code(target))]),
      fact(words.message, plain(text.message)),
    ]),
    `## ${words.cause}`,
    plain(text.cause),
    `## ${words.remedy}`,
    text.remedy.map((step, i) => `${i + 1}. ${plain(step)}`).join("\n"),
    `## ${words.provoke}`,
    plain(text.provoke),
  ]);
}

function indexPage(language: Language): string {
  const words = wordsOf(language);
  const line = (name: FaultCode): string =>
    `[${code(name)}](${folderOf(language)}/${name}.md) ${statusOfCode(name)}${words.colon}${plain(faultText(name, language).message)}`;
  return page([
    `# ${words.title}`,
    otherThan(language)
      .map((other) => `[${wordsOf(other).name}](${indexName(other)})`)
      .join(" · "),
    words.about,
    `## ${words.refusals}`,
    words.refusalsAbout,
    list(REFUSAL_CODES.map(line)),
    `## ${words.others}`,
    list(FAULT_CODES.slice(REFUSAL_CODES.length).map(line)),
  ]);
}

/** An index and a page per code, in every language, by path. */
export const errorPages = (): readonly (readonly [string, string])[] =>
  LANGUAGES.flatMap((language) => [
    [`${FOLDER}/${indexName(language)}`, indexPage(language)] as const,
    ...FAULT_CODES.map((name) => [`${FOLDER}/${folderOf(language)}/${name}.md`, codePage(name, language)] as const),
  ]);
