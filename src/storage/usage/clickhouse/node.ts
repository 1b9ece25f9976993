import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import {
  ClickHouseError,
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from "@clickhouse/client";
import { Fault } from "../../../domain/faults/fault.ts";
import { LIMITS } from "../../../domain/limits.ts";
import type { Lane } from "../engine.ts";
import { engineFault } from "../engineFault.ts";
import { type Ceilings, LONG_SILENCE_SECONDS_MAX, pinnedSettings } from "./pinnedSettings.ts";

/** How a server is reached. */
export interface Access {
  readonly user: string;
  readonly password: string;
  /** Certificates of the authority to trust instead of the system's, as PEM. */
  readonly authority: Buffer | undefined;
}

export interface NodePlace extends Access, Ceilings {
  readonly url: string;
  readonly database: string;
}

/** So that a long read cannot take the connections of an intake, each lane has its own, and so have checks. */
type Purpose = Lane | "check";
const CONNECTIONS_MAX: Readonly<Record<Purpose, number>> = { write: 8, read: 8, check: 2 };

/** The server ends a query itself, and says why; the client only gives up when it cannot even say that. */
const PATIENCE_SECONDS = 30;

/** How long a node that is asked whether it is there may think. */
const PING_MS_MAX = 5_000;

/**
 * A machine that loses its power closes no connection, and a server that was started again knows nothing of what it was
 * asked before. So a server is asked now and then whether it still works on a query; after two times no, it is given up.
 */
const CHECK_EVERY_MS = 5_000;
const CHECKS_FAILED_MAX = 2;

/** For statements that read or write a whole month. */
const LONG: ClickHouseSettings = {
  max_execution_time: LIMITS.archiveQuerySecondsMax,
  receive_timeout: LONG_SILENCE_SECONDS_MAX,
  send_timeout: LONG_SILENCE_SECONDS_MAX,
};

/** A statement, with what is sent along to be inserted. */
interface Asked {
  readonly query: string;
  readonly values?: Readable;
  readonly clickhouse_settings?: ClickHouseSettings;
}

/** One ClickHouse server. */
export class ClickhouseNode {
  readonly url: string;
  readonly #database: string;
  readonly #clients: Readonly<Record<Purpose, ClickHouseClient>>;

  constructor(place: NodePlace) {
    this.url = place.url;
    this.#database = place.database;
    this.#clients = {
      write: clientOf("write", place),
      read: clientOf("read", place),
      check: clientOf("check", place),
    };
  }

  /** @throws Fault UsageEngineUnavailable */
  async query<Row extends readonly unknown[]>(lane: Lane, sql: string): Promise<Row[]> {
    const answer = await this.#exec(lane, { query: sql });
    return answer === "" ? [] : (JSON.parse(`[${answer.trimEnd().replaceAll("\n", ",")}]`) as Row[]);
  }

  /** @throws Fault UsageEngineUnavailable */
  async insert(sql: string, lines: string | Iterable<string>): Promise<void> {
    const values = Readable.from(typeof lines === "string" ? [lines] : lines, { objectMode: false });
    await this.#exec("write", { query: sql, values });
  }

  #exec(lane: Lane, what: Asked): Promise<string> {
    return this.#answer(lane, what, (stream) => text(stream));
  }

  async #answer<Result>(lane: Lane, what: Asked, take: (stream: Readable) => Promise<Result>): Promise<Result> {
    const query_id = randomUUID();
    const lost = new AbortController();
    const watch = this.#watch(query_id, lost);
    try {
      const { stream } = await this.#clients[lane].exec({ ...what, query_id, abort_signal: lost.signal });
      return await take(stream);
    } catch (error) {
      throw unavailable(lost.signal.aborted ? lost.signal.reason : error);
    } finally {
      clearInterval(watch);
    }
  }

  #watch(queryId: string, lost: AbortController): NodeJS.Timeout {
    let failed = 0;
    const check = async (): Promise<void> => {
      failed = (await this.#worksOn(queryId)) ? 0 : failed + 1;
      if (failed >= CHECKS_FAILED_MAX) lost.abort(new Error("its server no longer works on what it was asked"));
    };
    return setInterval(() => void check(), CHECK_EVERY_MS);
  }

  async #worksOn(queryId: string): Promise<boolean> {
    try {
      const query = `select count() from system.processes where query_id = '${queryId}'`;
      const { stream } = await this.#clients.check.exec({ query, abort_signal: AbortSignal.timeout(PING_MS_MAX) });
      return (await text(stream)).trim() !== "[0]";
    } catch (error) {
      // A server that refuses the question is there.
      return error instanceof ClickHouseError;
    }
  }

  /** @throws Fault UsageEngineUnavailable */
  async insertFile(sql: string, path: string): Promise<void> {
    await this.#exec("write", { query: sql, values: createReadStream(path), clickhouse_settings: LONG });
  }

  /**
   * Streams what a query gives into a file. The answer begins before the query ends, so a failure may come as a file that
   * is broken off.
   * @throws Fault UsageEngineUnavailable
   */
  async exportTo(path: string, sql: string): Promise<void> {
    const clickhouse_settings: ClickHouseSettings = { ...LONG, wait_end_of_query: 0 };
    await this.#answer("write", { query: sql, clickhouse_settings }, (stream) =>
      pipeline(stream, createWriteStream(path, { flags: "wx" })),
    );
  }

  /** Whether it answers at all; nothing about its tables. */
  async answers(): Promise<boolean> {
    return (await this.ping()) === undefined;
  }

  /** Why it does not answer; undefined when it does. */
  async ping(): Promise<Fault | undefined> {
    const giveUp = AbortSignal.timeout(PING_MS_MAX);
    const answer = await this.#clients.check.ping({ select: false, abort_signal: giveUp });
    return answer.success ? undefined : unavailable(answer.error);
  }

  /** Makes the database if it is not there. Only whoever may not make one needs it to be made before. */
  async makeDatabase(place: NodePlace): Promise<void> {
    const client = clientOf("write", { ...place, database: "default" });
    try {
      const { stream } = await client.exec({
        query: `select count() from system.databases where name = '${this.#database}'`,
      });
      if ((await text(stream)).trim() === "[0]") {
        await client.command({ query: `create database if not exists \`${this.#database}\`` });
      }
    } catch (error) {
      throw unavailable(error);
    } finally {
      await client.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#clients).map((client) => client.close()));
  }
}

const clientOf = (
  purpose: Purpose,
  { url, database, user, password, authority, ...ceilings }: NodePlace,
): ClickHouseClient =>
  createClient({
    url,
    database,
    username: user,
    password,
    application: "stampbook",
    request_timeout: (ceilings.querySecondsMax + PATIENCE_SECONDS) * 1_000,
    max_open_connections: CONNECTIONS_MAX[purpose],
    compression: { request: true, response: true },
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: pinnedSettings(purpose === "write" ? "write" : "read", ceilings),
    ...(authority === undefined ? {} : { tls: { ca_cert: authority } }),
  });

/** Whether the server itself said no. If not, it may not be there. */
export const isServersAnswer = (fault: unknown): boolean =>
  fault instanceof Fault && fault.cause instanceof ClickHouseError;

function unavailable(error: unknown): Fault {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: readonly Error[] };
  const said = message || errors?.[0]?.message || code || "no reason was told";
  // The client takes the code out of the text; whoever looks for broken data needs it there.
  return engineFault(error instanceof ClickHouseError ? `Code: ${error.code}. ${said}(${error.type})` : said, error);
}
