import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP source of usage whose pages and mishaps a test decides; on this machine, without TLS. */
export interface ScriptedFeed {
  readonly url: string;
  /** Bodies of the pages. Each names the next one in its Link header; the last one names none. */
  readonly pages: string[];
  /** Carried out one after the other, instead of an answer. */
  readonly mishaps: ((response: ServerResponse) => void)[];
  readonly asked: { readonly path: string; readonly etag: string; readonly authorization: string }[];
  /** Leads to the page after the last one. */
  strayLink: string;
  close(): Promise<void>;
}

export async function startScriptedFeed(): Promise<ScriptedFeed> {
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const feed: ScriptedFeed = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/usage?page=0`,
    pages: [],
    mishaps: [],
    asked: [],
    strayLink: "",
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return feed;

  function answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const etag = headers["if-none-match"] ?? "";
    feed.asked.push({ path: url, etag, authorization: headers.authorization ?? "" });
    const mishap = feed.mishaps.shift();
    if (mishap !== undefined) {
      mishap(response);
      return;
    }
    const page = Number.parseInt(new URL(url, "http://feed").searchParams.get("page") ?? "", 10);
    const body = feed.pages[page]!;
    const isLast = page === feed.pages.length - 1;
    const next = isLast ? feed.strayLink : `/usage?page=${page + 1}`;
    const tag = `"${page}-${feed.pages.length}-${body.length}"`;
    if (etag === tag) response.writeHead(304).end();
    else response.writeHead(200, { etag: tag, ...(next === "" ? {} : { link: `<${next}>; rel="next"` }) }).end(body);
  }
}
