// How the text of a setting becomes its value, or why it cannot.

export const text = (value: string): string | { reason: string } =>
  value === "" ? { reason: "it must not be empty" } : value;

export const whole =
  (min: number, max: number) =>
  (value: string): number | { reason: string } => {
    const number = /^\d{1,15}$/.test(value) ? Number.parseInt(value, 10) : Number.NaN;
    return number >= min && number <= max ? number : { reason: `it must be a whole number from ${min} to ${max}` };
  };

export const httpUrl = (value: string): string | { reason: string } =>
  /^https?:\/\//.test(value) && URL.canParse(value) ? value : { reason: "it must be an http or https URL" };

export const oneOf =
  <Value extends string>(values: readonly Value[]) =>
  (value: string): Value | { reason: string } =>
    values.find((candidate) => candidate === value) ?? { reason: `it must be one of ${values.join(", ")}` };

/** A list with commas between. */
export const list = (value: string): readonly string[] =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** An address without what comes after the path; empty where none is given. */
export function baseUrl(value: string): string | { reason: string } {
  if (value === "") return "";
  const url = httpUrl(value);
  if (typeof url !== "string") return url;
  return /[?#@]/.test(url) ? { reason: "it must have no user, query or fragment" } : url.replace(/\/+$/, "");
}

export const yesOrNo = (value: string): boolean | { reason: string } =>
  value === "true" || value === "false" ? value === "true" : { reason: "it must be true or false" };

/** Addresses of servers, with commas between; empty where there are none. */
export function baseUrls(value: string): string | { reason: string } {
  const urls: string[] = [];
  for (const part of list(value)) {
    const url = baseUrl(part);
    if (typeof url !== "string") return url;
    urls.push(url);
  }
  return new Set(urls).size === urls.length ? urls.join(",") : { reason: "it must name each server once" };
}

/** A name that stands in SQL. */
export const sqlName = (value: string): string | { reason: string } =>
  /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(value) ? value : { reason: "it must be letters, digits and _, no digit first" };
