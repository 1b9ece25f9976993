import type { Call } from "./transport.ts";

/** A query with what was given; empty when nothing was. */
export const query = (parameters: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ""
    : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
};

export interface List<Row> {
  readonly value: readonly Row[];
}

/** All rows of a list, page by page: each page but the last says with `next` where the one after it begins. */
export async function allPages<Row>(
  client: { call<Body>(call: Call): Promise<Body> },
  path: string,
  parameters: Parameters<typeof query>[0] = {},
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: string | number | undefined;
  do {
    const page = await client.call<List<Row> & { readonly next?: string | number }>({
      method: "GET",
      path: `${path}${query({ ...parameters, after })}`,
    });
    rows.push(...page.value);
    after = page.next;
  } while (after !== undefined);
  return rows;
}
