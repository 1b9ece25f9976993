import { createServer } from "node:http";
import { Counter, Gauge, Registry } from "prom-client";
import { bytesOfPieces } from "../domain/bridge/sourceState.ts";
import { spooledBytes } from "../domain/bridge/stampState.ts";
import { SECOND_MS } from "../lib/instant.ts";
import type { BridgeEvents } from "./events.ts";
import type { SourceRunner } from "./sourceRunner.ts";
import type { StampRunner } from "./stampRunner.ts";

/** What a bridge counts, in the form that Prometheus reads. Numbers here are for watching, not for billing. */
export class BridgeMetrics {
  readonly #registry = new Registry();
  readonly #rows = this.#counter(
    "stampbook_bridge_rows_read_total",
    "Rows that stamps gave, also those given again.",
    [],
  );
  readonly #windows = this.#counter("stampbook_bridge_windows_read_total", "Hours that were read to their end.", [
    "by",
  ]);
  readonly #delivered = this.#counter("stampbook_bridge_rows_delivered_total", "Rows that the server answered for.", [
    "outcome",
  ]);
  readonly #troubles = this.#counter("stampbook_bridge_troubles_total", "Tries that failed.", ["doing", "kind"]);
  readonly #behind = this.#gauge("stampbook_bridge_hours_behind", "Reported hours that are over and were not read.");
  readonly #cursor = this.#gauge(
    "stampbook_bridge_cursor_seconds",
    "Start of the next hour to read, in seconds since 1970.",
  );
  readonly #waiting = this.#gauge("stampbook_bridge_deliveries_waiting", "Hours that wait for the server.");
  readonly #setAside = this.#gauge("stampbook_bridge_deliveries_set_aside", "Hours of which the server rejected rows.");
  readonly #spoolBytes = this.#gauge(
    "stampbook_bridge_spool_bytes",
    "Bytes on disk that wait for the server or are set aside.",
  );
  readonly #skew = this.#gauge(
    "stampbook_bridge_skew_seconds",
    "How far the stamp's clock is ahead of this machine's.",
  );
  readonly #stuck = this.#gauge("stampbook_bridge_stuck", "1 where the last try failed.", ["doing"]);

  readonly events: BridgeEvents = {
    rows: (stamp, rows) => this.#rows.inc({ stamp }, rows),
    listed: () => undefined,
    windowRead: (stamp, { by }) => this.#windows.inc({ stamp, by }),
    subscriptionsDelivered: () => undefined,
    delivered: (stamp, { counts }) => {
      for (const [outcome, count] of Object.entries(counts)) this.#delivered.inc({ stamp, outcome }, count);
    },
    taken: () => undefined,
    refused: () => undefined,
    pieceDelivered: (stamp, { counts }) => {
      for (const [outcome, count] of Object.entries(counts)) this.#delivered.inc({ stamp, outcome }, count);
    },
    spoolRoom: () => undefined,
    trouble: (stamp, doing, kind) => this.#troubles.inc({ stamp, doing, kind }),
  };

  #counter(name: string, help: string, labels: readonly string[]): Counter {
    return new Counter({ name, help, labelNames: ["stamp", ...labels], registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labels: readonly string[] = []): Gauge {
    return new Gauge({ name, help, labelNames: ["stamp", ...labels], registers: [this.#registry] });
  }

  async text({ runners, sources }: Runners): Promise<{ readonly body: string; readonly contentType: string }> {
    for (const { name: stamp, store, skewMs, hoursBehind } of runners) {
      const { state } = store;
      this.#behind.set({ stamp }, hoursBehind);
      this.#cursor.set({ stamp }, state.cursorMs / SECOND_MS);
      this.#spoolBytes.set({ stamp }, spooledBytes(state));
      this.#skew.set({ stamp }, skewMs / SECOND_MS);
    }
    for (const { name: stamp, store } of sources) this.#spoolBytes.set({ stamp }, bytesOfPieces(store.state));
    for (const { name: stamp, store, stuck } of [...runners, ...sources]) {
      this.#waiting.set({ stamp }, store.state.spool.length);
      this.#setAside.set({ stamp }, store.state.setAside.length);
      this.#stuck.set({ stamp, doing: "read" }, stuck.reading === undefined ? 0 : 1);
      this.#stuck.set({ stamp, doing: "deliver" }, stuck.delivering === undefined ? 0 : 1);
    }
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }
}

/** All that a bridge runs. */
export interface Runners {
  readonly runners: readonly StampRunner[];
  readonly sources: readonly SourceRunner[];
}

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

/** Serves /metrics and /healthz. Nothing secret is in them, and nothing can be changed. */
export async function serveMetrics(
  metrics: BridgeMetrics,
  runners: Runners,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (path === "/healthz") response.end('{"live":true}\n');
    else if (path !== "/metrics") response.writeHead(404).end();
    else
      void metrics
        .text(runners)
        .then(({ body, contentType }) => response.setHeader("content-type", contentType).end(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    close: () => server.close().closeAllConnections(),
  };
}
