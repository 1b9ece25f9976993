import { ROUTES } from "../../src/compose.ts";
import type { Route } from "../../src/http/route.ts";
import { code, list, page, plain } from "./markdown.ts";

const inBraces = (text: string): string => text.replace(/(^|[\s/]):(\w+)/g, "$1{$2}");

/** What this page reads of a schema; TypeBox schemas are JSON Schema. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly maxItems?: number;
}

function shapeText({ type, enum: values, properties, required = [], items, maxItems }: Shape): string {
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (items !== undefined) {
    const most = maxItems === undefined ? "" : ` /* at most ${maxItems.toLocaleString("en-US")} */`;
    return `[${shapeText(items)}, …]${most}`;
  }
  if (properties === undefined) return typeof type === "string" ? type : (type ?? ["any"]).join(" | ");
  const members = Object.entries(properties).map(([name, shape]) => {
    return `${name}${required.includes(name) ? "" : "?"}: ${shapeText(shape)}`;
  });
  return `{ ${members.join(", ")} }`;
}

function entry({ method, path, summary, query = {}, body, form, streams }: Route): string {
  const facts = [
    ...Object.entries(query).map(([name, doc]) => `Query ${code(name)}: ${plain(doc)}`),
    ...(body === undefined ? [] : [`Body: ${code(shapeText(body))}`]),
    ...(form === undefined ? [] : [`Body, a form: ${plain(form)}`]),
    ...(streams === undefined ? [] : [`Body, read as a stream: ${plain(streams)}`]),
  ];
  return [
    `### ${code(`${method} ${inBraces(path)}`)}`,
    plain(inBraces(summary)),
    ...(facts.length > 0 ? [list(facts)] : []),
  ].join("\n\n");
}

const isArm = ({ path }: Route): boolean => path.startsWith("/subscriptions/");
const isSignIn = ({ path }: Route): boolean => path.startsWith("/adfs/") || path.startsWith("/:tenant/");
const isPublished = ({ path }: Route): boolean => /^\/(docs|\.well-known\/stampbook)\//.test(`${path}/`);
const isOwn = ({ path }: Route): boolean => path.startsWith("/v1/");

export const routesPage = (): string =>
  page([
    "# Routes",
    "Every route that the server answers. Paths and names of query parameters compare without case. A refusal has the body `{ error: { code, message, target?, details, additionalInfo } }`; the codes are in [errors.md](errors.md). `{registration}` is a number, name, cloud id or resource id; in a path a resource id needs its slashes percent-encoded.",
    "## Health",
    ...ROUTES.filter((route) => !isArm(route) && !isOwn(route) && !isSignIn(route) && !isPublished(route)).map(entry),
    "## Sign-in",
    "The built-in issuer, as ADFS and as both versions of Entra look. `{tenant}` is the id of the directory, `common` or `organizations`. None of these needs a token.",
    ...ROUTES.filter(isSignIn).map(entry),
    "## Published for everybody",
    ...ROUTES.filter(isPublished).map(entry),
    "## Azure Resource Manager",
    "These need the query parameter `api-version`. The bodies of the two PUTs, and what is not served yet, are in [differences.md](../differences.md).",
    ...ROUTES.filter(isArm).map(entry),
    "## Stampbook's own API",
    ...ROUTES.filter(isOwn).map(entry),
  ]);
