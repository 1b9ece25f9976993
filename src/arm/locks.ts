import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { badResourceName } from "../domain/registration/names.ts";
import { LOCK_LEVELS, type LockLevel, type ManagementLock } from "../domain/resources/store.ts";
import { scopesAbove } from "../domain/resources/locks.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { auditedBy, type Context } from "../operations/context.ts";
import { armRoute, GROUP, REGISTRATION, resourceIdOf, SUBSCRIPTION } from "./armRoute.ts";
import { registrationOf } from "./registrations.ts";
import { paramOf } from "../http/parameters.ts";
import { invalidContent, propertiesOf, textOf } from "./request.ts";

const lockBody = ({ scope, name, level, notes }: ManagementLock) => ({
  id: `${scope}/providers/Microsoft.Authorization/locks/${name}`,
  name,
  type: "Microsoft.Authorization/locks",
  properties: { level, ...(notes === "" ? {} : { notes }) },
});

/** @throws Fault InvalidRequestContent */
function levelOf(request: FastifyRequest): LockLevel {
  const given = textOf(propertiesOf(request), "level");
  const level = LOCK_LEVELS.find((known) => known.toLowerCase() === given?.toLowerCase());
  if (level === undefined) throw invalidContent(`level must be one of ${LOCK_LEVELS.join(", ")}`, "properties.level");
  return level;
}

const NOTES_CHARS_MAX = 512;

async function put(context: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const { control, clock } = context;
  const caller = callerOf(request);
  const name = paramOf(request, "lock");
  const reason = badResourceName(name);
  if (reason !== undefined) throw new Fault("InvalidParameter", { parameter: "lockName", value: name, reason });
  const notes = textOf(propertiesOf(request), "notes") ?? "";
  if (notes.length > NOTES_CHARS_MAX) throw invalidContent(`notes has more than ${NOTES_CHARS_MAX} characters`);
  const lock: ManagementLock = {
    scope,
    name,
    level: levelOf(request),
    notes,
    createdBy: caller.name,
    createdAtMs: clock.now(),
  };
  const before = await control.transaction(async ({ locks, audit }) => {
    const known = await locks.find(scope, name);
    await locks.put(lock);
    await audit.add({
      ...auditedBy(caller, lock.createdAtMs),
      action: "Microsoft.Authorization/locks/write",
      target: lockBody(lock).id,
      outcome: "done",
      detail: { before: known?.level ?? null, after: lock.level },
    });
    return known;
  });
  return { status: before === undefined ? 201 : 200, body: lockBody(lock) };
}

/** 204 where there is none; clients that lift a lock take only 200 for a success (contract/registration.md §8.4). */
async function remove({ control, clock }: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const name = paramOf(request, "lock");
  const removed = await control.transaction(async ({ locks, audit }) => {
    const known = await locks.find(scope, name);
    if (known === undefined) return false;
    await locks.remove(scope, name);
    await audit.add({
      ...auditedBy(callerOf(request), clock.now()),
      action: "Microsoft.Authorization/locks/delete",
      target: lockBody(known).id,
      outcome: "done",
      detail: { before: known.level, after: null },
    });
    return true;
  });
  return { status: removed ? 200 : 204 };
}

async function show({ control }: Context, request: FastifyRequest, scope: string): Promise<Answer> {
  const lock = await control.locks.find(scope, paramOf(request, "lock"));
  if (lock === undefined) throw new Fault("LockNotFound", { lock: paramOf(request, "lock"), scope });
  return { status: 200, body: lockBody(lock) };
}

/** Those on the scope, below it, and above it, for they all hold for something in it. */
async function list({ control }: Context, _request: FastifyRequest, scope: string): Promise<Answer> {
  const above = await control.locks.at(scopesAbove(scope).slice(1).concat("/"));
  return { status: 200, body: { value: [...above, ...(await control.locks.below(scope))].map(lockBody) } };
}

type Run = (context: Context, request: FastifyRequest, scope: string) => Promise<Answer>;

const ACTION = "Microsoft.Authorization/locks";

/** The same four routes on everything that can be locked. */
const routesAt = (scope: string, what: string): readonly Route[] => {
  const locks = `${scope}/providers/Microsoft.Authorization/locks`;
  const spec = { at: scope, lockFree: true } as const;
  const at =
    (run: Run) =>
    async (context: Context, request: FastifyRequest): Promise<Answer> => {
      if (scope === REGISTRATION) await registrationOf(context, request);
      return await run(context, request, resourceIdOf(scope, request));
    };
  const one = `${locks}/:lock`;
  return [
    armRoute({
      ...spec,
      method: "GET",
      path: locks,
      summary: `List the locks that hold for ${what}.`,
      action: `${ACTION}/read`,
      run: at(list),
    }),
    armRoute({
      ...spec,
      method: "GET",
      path: one,
      summary: `Show a lock on ${what}.`,
      action: `${ACTION}/read`,
      run: at(show),
    }),
    armRoute({
      ...spec,
      method: "PUT",
      path: one,
      summary: `Lock ${what} and all below it.`,
      action: `${ACTION}/write`,
      run: at(put),
    }),
    armRoute({
      ...spec,
      method: "DELETE",
      path: one,
      summary: `Lift a lock on ${what}.`,
      action: `${ACTION}/delete`,
      run: at(remove),
    }),
  ];
};

export const LOCK_ROUTES: readonly Route[] = [
  ...routesAt(SUBSCRIPTION, "a subscription"),
  ...routesAt(GROUP, "a resource group"),
  ...routesAt(REGISTRATION, "a registration"),
];
