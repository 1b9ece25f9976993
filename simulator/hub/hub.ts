import { randomBytes } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { privateTls } from "../../src/identity/certificates.ts";
import { HOUR_MS, type InstantMs, systemClock } from "../../src/lib/instant.ts";
import type { StampName } from "../stamps.ts";
import { createVirtualClock, type VirtualClock } from "./clock.ts";
import { createFaults, type FaultOptions, type HubFaults } from "./faults.ts";
import { listener } from "./listener.ts";
import type { SignIn } from "./signIn.ts";
import { createSubscriptions, type HubSubscriptions } from "./subscriptions.ts";
import { createTimeline, recordsFor, type Timeline } from "./timeline.ts";
import { createTruth, type HubTruth } from "./truth.ts";

export interface HubOptions {
  /** Equal seeds make equal Hubs, faults included. */
  readonly seed: number;
  /** Which of the world's stamps it is. */
  readonly stamp?: StampName;
  /** How many usage records the world's three stamps report in a month; left out, it follows from `resources`. */
  readonly records?: number;
  /** About how many resources the stamp has in a month. */
  readonly resources?: number;
  /** Usage begins here, on a whole hour. */
  readonly fromMs: InstantMs;
  /** What the Hub's clock shows at first. */
  readonly nowMs: InstantMs;
  /** Virtual seconds for each second of the machine. The clock stands still where it is left out. */
  readonly speed?: number;
  /** Where the private authority of its certificate is made, or was made before. */
  readonly folder: string;
  readonly host?: string;
  /** Any free one where it is left out. */
  readonly port?: number;
  readonly faults?: FaultOptions;
  /** Time on the Hub's clock for which a token is good. */
  readonly tokenSeconds?: number;
}

export interface HubState {
  readonly seed: number;
  /** Of continuation tokens and access tokens. */
  readonly secret: string;
  readonly clock: VirtualClock;
  readonly faults: HubFaults;
  readonly timeline: Timeline;
  readonly subscriptions: HubSubscriptions;
  readonly signIn: SignIn;
  readonly truth: HubTruth;
  /** How many requests came, save those to its control. */
  readonly requests: () => number;
}

export interface Hub extends Pick<HubState, "clock" | "faults" | "truth" | "requests"> {
  readonly url: string;
  /** Certificate of the private authority that clients have to trust. */
  readonly caFile: string;
  readonly providerSubscription: string;
  /** The operator's application. A tenant signs in with its tenant id as client id and the same secret. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly cloudId: string;
  close(): Promise<void>;
}

/** Fewer would leave whole days of a month's beginning empty. */
const RECORDS = 200_000;
const TOKEN_SECONDS = 3_600;

/** Serves a made-up stamp as a Hub does, with its faults, in this process. Memory grows with resources, not with time. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { seed, stamp = "north", nowMs, folder, host = "127.0.0.1", port = 0 } = options;
  const fromMs = Math.floor(options.fromMs / HOUR_MS) * HOUR_MS;
  const records =
    options.records ??
    (options.resources === undefined ? RECORDS : recordsFor(options.resources, { seed, stamp, fromMs }));
  const world = { seed, stamp, records, fromMs };
  const timeline = createTimeline(world);
  const faults = createFaults(seed, options.faults ?? {});
  const clock = createVirtualClock(nowMs, options.speed ?? 0, systemClock);
  const names = [...new Set(["localhost", "127.0.0.1", "::1", ...(host === "0.0.0.0" || host === "::" ? [] : [host])])];
  const tls = await privateTls(folder, { names, hostName: hostname(), clock: systemClock });
  const server = createServer({ cert: tls.cert, key: tls.key });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const url = `https://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  const secret = randomBytes(32).toString("base64url");
  const subscriptions = createSubscriptions(timeline, seed, faults);
  const signIn: SignIn = {
    url,
    secret,
    clientId: timeline.stamp.objectId,
    clientSecret: `simulated-${timeline.stamp.name}-${seed}`,
    tokenSeconds: options.tokenSeconds ?? TOKEN_SECONDS,
    isTenant: (client) => subscriptions.ofTenant(client).length > 0,
  };
  let requests = 0;
  const truth = createTruth(world, faults);
  const state = { seed, secret, clock, faults, timeline, subscriptions, signIn, truth, requests: () => requests };
  server.on(
    "request",
    listener(state, () => (requests += 1)),
  );
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { providerSubscription, cloudId } = timeline.stamp;
  const { clientId, clientSecret } = signIn;
  const shown = { clock, faults, truth, requests: state.requests };
  return { ...shown, url, caFile: tls.authorityFile!, providerSubscription, clientId, clientSecret, cloudId, close };
}
