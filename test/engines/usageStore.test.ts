import { afterAll, beforeAll } from "vitest";
import type { QueryCeilings } from "../../src/storage/usage/engine.ts";
import { CLUSTER, type ClickhouseServers, startClickhouse } from "../support/clickhouseServer.ts";
import { openOn } from "../support/clickhousePlace.ts";
import { mustClose } from "../support/temporary.ts";
import { archiveSuite } from "../conformance/archiveSuite.ts";
import { engineRulesSuite } from "../conformance/engineRulesSuite.ts";
import { usageDaysSuite } from "../conformance/usageDaysSuite.ts";
import { usageListSuite } from "../conformance/usageListSuite.ts";
import { usageLookupsSuite } from "../conformance/usageLookupsSuite.ts";
import { type UsageEngine, usageStoreSuite } from "../conformance/usageStoreSuite.ts";

// Goal: the usage store means the same on ClickHouse servers as embedded. Method: the whole conformance suite on one
// server and on a cluster of two shards, which are real servers; each store has a database of its own.

for (const { name, shards, cluster } of [
  { name: "clickhouse server", shards: 1, cluster: "" },
  { name: "clickhouse cluster of two shards", shards: 2, cluster: CLUSTER },
]) {
  let servers: ClickhouseServers;
  beforeAll(async () => {
    servers = await startClickhouse(shards);
  });
  afterAll(() => servers.close());

  let stores = 0;
  const openEmpty = async (ceilings: Partial<QueryCeilings> = {}) => {
    stores += 1;
    return mustClose(await openOn(servers, { cluster, database: `store_${stores}`, ...ceilings }));
  };

  const engine: UsageEngine = {
    name,
    open: () => openEmpty(),
    async crash(store) {
      await servers.nodes[0]!.kill();
      await servers.nodes[0]!.start();
      // Connections from before the crash are found to be dead at the next use; a read then finds another one.
      await store.ping();
    },
  };
  usageStoreSuite(engine, () => openEmpty());
  usageDaysSuite(engine, () => openEmpty());
  usageLookupsSuite(engine.name, () => openEmpty());
  usageListSuite(engine.name, () => openEmpty());

  archiveSuite(name, () => openEmpty());

  engineRulesSuite({
    name,
    storedName: (table) => (cluster === "" ? table : `${table}_local`),
    openEmpty: (ceilings) => openEmpty(ceilings),
  });
}
