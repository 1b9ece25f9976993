import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { ClickHouseError, type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { Fault } from "../../../domain/faults/fault.ts";
import type { Lane } from "../engine.ts";
import { type Ceilings, pinnedSettings } from "./pinnedSettings.ts";

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

/** So that a long read cannot take the connections of an intake, each lane has its own. */
const CONNECTIONS_MAX: Readonly<Record<Lane, number>> = { write: 8, read: 8 };

/** The server ends a query itself, and says why; the client only gives up when it cannot even say that. */
const PATIENCE_SECONDS = 30;

/** How long a node that is asked whether it is there may think. */
const PING_MS_MAX = 5_000;

/** One ClickHouse server. */
export class ClickhouseNode {
  readonly url: string;
  readonly #database: string;
  readonly #clients: Readonly<Record<Lane, ClickHouseClient>>;

  constructor(place: NodePlace) {
    this.url = place.url;
    this.#database = place.database;
    this.#clients = { write: clientOf("write", place), read: clientOf("read", place) };
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

  async #exec(lane: Lane, what: { query: string } | { query: string; values: Readable }): Promise<string> {
    try {
      const { stream } = await this.#clients[lane].exec(what);
      return await text(stream);
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Whether it answers at all; nothing about its tables. */
  async answers(): Promise<boolean> {
    return (await this.ping()) === undefined;
  }

  /** Why it does not answer; undefined when it does. */
  async ping(): Promise<Fault | undefined> {
    const giveUp = AbortSignal.timeout(PING_MS_MAX);
    const answer = await this.#clients.read.ping({ select: false, abort_signal: giveUp });
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

const clientOf = (lane: Lane, { url, database, user, password, authority, ...ceilings }: NodePlace): ClickHouseClient =>
  createClient({
    url,
    database,
    username: user,
    password,
    application: "stampbook",
    request_timeout: (ceilings.querySecondsMax + PATIENCE_SECONDS) * 1_000,
    max_open_connections: CONNECTIONS_MAX[lane],
    compression: { request: true, response: true },
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: pinnedSettings(lane, ceilings),
    ...(authority === undefined ? {} : { tls: { ca_cert: authority } }),
  });

/** Whether the server itself said no. If not, it may not be there. */
export const isServersAnswer = (fault: unknown): boolean =>
  fault instanceof Fault && fault.cause instanceof ClickHouseError;

function unavailable(error: unknown): Fault {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: readonly Error[] };
  const said = message || errors?.[0]?.message || code || "no reason was told";
  return new Fault("UsageEngineUnavailable", { reason: said.split("\n", 1)[0]! }, { cause: error });
}
