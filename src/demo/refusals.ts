import { type Client, Refused, type Scope } from "../client/client.ts";
import { REFUSAL_CODES } from "../domain/faults/catalogue.ts";

export interface ProvokedRefusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly cause: string;
  readonly remedy: readonly string[];
}

/** Who may be mapped where, and what is wrong with it. */
export interface RefusalCast {
  readonly approved: Scope;
  readonly capacity: Scope;
  readonly customer: string;
  readonly enterprise: string;
  readonly foreign: string;
  readonly unknown: string;
  readonly troubled: string;
}

async function provoke(attempt: () => Promise<unknown>): Promise<ProvokedRefusal> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, status, message, explanation } = error;
    return { code, status, message, ...explanation };
  }
  throw new Error("what must be refused was not refused");
}

/** The one refusal that has to come before the approval. */
export const provokeUnauthorized = (client: Client, registered: Scope, customer: string): Promise<ProvokedRefusal> =>
  provoke(() => client.map(registered, customer));

/** The other seven, once the registration is approved. */
export async function provokeOthers(client: Client, cast: RefusalCast): Promise<readonly ProvokedRefusal[]> {
  const { approved, capacity, customer, enterprise, foreign, unknown, troubled } = cast;
  const attempts = [
    () => client.map({ ...approved, name: "nowhere" }, customer),
    () => client.map(capacity, customer),
    () => client.map(approved, unknown),
    () => client.map(approved, troubled),
    () => client.map(approved, enterprise),
    () => client.map(approved, foreign),
    () => client.mapped(approved, customer),
  ];
  const refusals: ProvokedRefusal[] = [];
  for (const attempt of attempts) refusals.push(await provoke(attempt));
  return refusals;
}

/** In the catalogue's order of precedence. */
export const inCatalogueOrder = (refusals: readonly ProvokedRefusal[]): readonly ProvokedRefusal[] =>
  REFUSAL_CODES.flatMap((code) => refusals.filter((refusal) => refusal.code === code));
