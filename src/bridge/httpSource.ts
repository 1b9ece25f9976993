import { createHash } from "node:crypto";
import { afterTaking, type FeedPosition, type SpooledPiece } from "../domain/bridge/sourceState.ts";
import type { SourceParts, TakeNext } from "./sourceRunner.ts";
import type { HttpSettings } from "./sourceSettings.ts";
import { writePiece } from "./spoolPiece.ts";
import { troubleOf } from "./stampClient.ts";
import { callHttp, type HttpAnswer, type HttpEndpoint } from "./stampHttp.ts";
import { Trouble } from "./trouble.ts";

export interface HttpAccess {
  readonly endpoint: HttpEndpoint;
  /** Empty: none is sent. */
  readonly token: string;
}

const CONTENT_TYPES = {
  events: "application/cloudevents-batch+json",
  event: "application/cloudevents+json",
  ndjson: "application/x-ndjson",
  page: "application/json",
} as const;

/** What an answer of the source holds. */
interface Answered {
  readonly isEmpty: boolean;
  readonly nextLink: string | undefined;
}

/**
 * Reads an HTTP source from its address on, along the links to the next page. The position is the address that is asked
 * next: it moves to a page's `next` once what the page had is durable. The last page, which names no next one, is asked
 * for again, with its ETag; the same once more is not taken.
 */
export function httpSource(parts: SourceParts, settings: HttpSettings, access: HttpAccess): TakeNext {
  const { store, surroundings, events } = parts;
  const origin = new URL(settings.url).origin;

  return async (bytesMax) => {
    const kept = store.state.position;
    const from: FeedPosition =
      kept !== undefined && new URL(kept.url).origin === origin ? kept : { url: settings.url, etag: "", digest: "" };
    const answer = await callHttp(access.endpoint, { url: new URL(from.url), headers: headersOf(from) });
    if (answer.status === 304 || answer.status === 204) return false;
    if (answer.status !== 200) throw troubleOf(answer, surroundings.clock, "the source");
    const { isEmpty, nextLink } = read(answer.body, settings.format);
    const next = nextOf(nextLink ?? linkIn(answer), from.url);
    const digest = createHash("sha256").update(answer.body).digest("hex");
    const isNew = !isEmpty && digest !== from.digest;
    if (!isNew && next === undefined) return false;
    const pieces = isNew ? [await spool(answer.body, from.url, bytesMax)] : [];
    const position =
      next === undefined
        ? { url: from.url, etag: answer.headers.etag ?? "", digest }
        : { url: next, etag: "", digest: "" };
    await store.update((state) => afterTaking(state, pieces, { position }));
    if (isNew) events.taken(parts.settings.name, { from: shown(from.url), pieces: 1 });
    return next !== undefined;
  };

  function headersOf({ etag }: FeedPosition): Readonly<Record<string, string>> {
    return {
      accept: settings.format === "page" ? "application/json" : `${CONTENT_TYPES[settings.format]}, application/json`,
      ...(access.token === "" ? {} : { authorization: `Bearer ${access.token}` }),
      ...(etag === "" ? {} : { "if-none-match": etag }),
    };
  }

  /** A link has to lead back to the source: the token goes with it. */
  function nextOf(link: string | undefined, base: string): string | undefined {
    if (link === undefined || link === "") return undefined;
    const url = URL.canParse(link, base) ? new URL(link, base) : undefined;
    if (url?.origin !== origin) {
      throw new Trouble("refused", `the link ${link.slice(0, 200)} does not lead to the source`);
    }
    // A page that names itself as the next one is the last.
    return url.href === new URL(base).href ? undefined : url.href;
  }

  async function spool(body: Buffer, from: string, bytesMax: number): Promise<SpooledPiece> {
    const number = store.state.nextNumber;
    const chunks = async function* (): AsyncGenerator<Buffer> {
      yield body;
    };
    const { file, bytes, digest } = await writePiece(store.folder, number, chunks(), bytesMax);
    return { number, file, bytes, digest, contentType: CONTENT_TYPES[settings.format], from: shown(from) };
  }
}

/** Without its query, which may be long and may hold a secret. */
const shown = (url: string): string => url.split("?")[0]!;

const linkIn = ({ headers }: HttpAnswer): string | undefined => {
  const link = String(headers["link"] ?? "");
  return /<([^>]*)>\s*;[^,<]*\brel="?next"?(?![\w-])/i.exec(link)?.[1];
};

/** @throws Trouble where the body is not whole, which nothing else may tell */
function read(body: Buffer, format: HttpSettings["format"]): Answered {
  const text = body.toString("utf8");
  try {
    if (format === "ndjson") {
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      for (const line of lines) JSON.parse(line);
      return { isEmpty: lines.length === 0, nextLink: undefined };
    }
    const value: unknown = JSON.parse(text);
    if (format === "events" && Array.isArray(value)) return { isEmpty: value.length === 0, nextLink: undefined };
    if (format !== "events" && typeof value === "object" && value !== null && !Array.isArray(value)) {
      const { value: rows, nextLink } = value as { value?: unknown; nextLink?: unknown };
      if (format === "event") return { isEmpty: false, nextLink: undefined };
      if (Array.isArray(rows)) {
        return { isEmpty: rows.length === 0, nextLink: typeof nextLink === "string" ? nextLink : undefined };
      }
    }
  } catch {
    // Said below.
  }
  throw new Trouble("broken-body", `the source's answer is not whole, or not in the format '${format}'`);
}
