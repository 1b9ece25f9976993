import { Fault } from "../domain/faults/fault.ts";
import type { Registration } from "../domain/registration/registration.ts";
import { foldLocation } from "../operations/resources/groups.ts";

type Test = (registration: Registration) => boolean;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const TERM = /^\s*(\w+)\s+(eq|ne)\s+'((?:[^']|'')*)'\s*/i;
const SUBSTRING = /^\s*substringof\(\s*'((?:[^']|'')*)'\s*,\s*name\s*\)\s*/i;
const AND = /^and\s+/i;
const FILTER_CHARS_MAX = 4_096;

/**
 * The part of OData that `GET …/resources` needs (contract/registration.md §8.2, §8.3): comparisons joined by `and`.
 * `tagName` and `tagValue` next to each other speak of one tag.
 * @throws Fault InvalidFilterInQueryString
 */
export function parseFilter(filter: string | undefined): Test {
  if (filter === undefined || filter.trim() === "") return () => true;
  const invalid = (reason: string): Fault => new Fault("InvalidFilterInQueryString", { filter, reason });
  if (filter.length > FILTER_CHARS_MAX) throw invalid(`it has more than ${FILTER_CHARS_MAX} characters`);
  const tests: Test[] = [];
  const tag: { name?: string; value?: string } = {};
  for (let rest = filter; ; ) {
    const substring = SUBSTRING.exec(rest);
    const term = substring ?? TERM.exec(rest);
    if (term === null) throw invalid(`a comparison is expected at '${rest.slice(0, 40)}'`);
    if (substring === null) {
      const [, name = "", operator = "", value = ""] = term;
      const text = value.replaceAll("''", "'");
      if (same(name, "tagName")) tag.name = text;
      else if (same(name, "tagValue")) tag.value = text;
      else {
        const test = comparison(name, text);
        if (test === undefined) throw invalid(`'${name}' cannot be compared`);
        tests.push(same(operator, "ne") ? (registration) => !test(registration) : test);
      }
    } else {
      const part = (substring[1] ?? "").replaceAll("''", "'").toLowerCase();
      tests.push(({ name }) => name.toLowerCase().includes(part));
    }
    rest = rest.slice(term[0].length);
    if (rest === "") break;
    const and = AND.exec(rest);
    if (and === null) throw invalid(`'and' is expected at '${rest.slice(0, 40)}'`);
    rest = rest.slice(and[0].length);
  }
  if (tag.value !== undefined && tag.name === undefined) throw invalid("tagValue needs tagName");
  if (tag.name !== undefined) tests.push(hasTag(tag.name, tag.value));
  return (registration) => tests.every((test) => test(registration));
}

function comparison(name: string, value: string): Test | undefined {
  switch (name.toLowerCase()) {
    case "resourcetype":
      return () => same(value, "Microsoft.AzureStack/registrations");
    case "name":
      return (registration) => same(registration.name, value);
    case "resourcegroup":
      return (registration) => same(registration.resourceGroup, value);
    case "location":
      return () => foldLocation(value) === "global";
    default:
      return undefined;
  }
}

/** Names of tags compare without case, their values with it. */
const hasTag =
  (wanted: string, value: string | undefined): Test =>
  ({ tags }) =>
    Object.entries(tags).some(([name, is]) => same(name, wanted) && (value === undefined || is === value));
