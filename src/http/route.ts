import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import { REFUSAL_CODES } from "../domain/faults/catalogue.ts";
import type { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import { auditedBy, type Caller, type Context } from "../operations/context.ts";
import { paramOf } from "./parameters.ts";
import { mustAllow, type Scopes } from "./permissions.ts";
import { type Budget, Throttle } from "./throttle.ts";
import { type Generation, RecentAnswers, type SentAnswer } from "./recentAnswers.ts";
import { asForm, knowMethods, JSON_TYPE, sendFault, streamed, toFault } from "./server.ts";
import { drain, giveUpWhenIdle } from "./usageBody.ts";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** A body that goes out as it comes, instead of `body`. */
  readonly stream?: AsyncIterable<Buffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** What somebody must be allowed to do, and on what. */
export interface Access {
  /** As roles name it (domain/access/roles.ts). */
  readonly action: string;
  /**
   * Resource id; `/` unless given. It may need a look-up: what is not found is asked for at `/`. Of several scopes one is
   * enough; the directory asked for is that of the first.
   */
  readonly scope?: (context: Context, request: FastifyRequest) => Scopes | Promise<Scopes>;
  /** The scope is found by a look-up: a refusal names the path that was asked for, not what was found or not. */
  readonly lookedUp?: boolean;
}

/** One route of a face; docs/reference/routes.md is generated from these. */
export interface Route {
  readonly method: Method;
  /** In fastify's notation: `:name` is a parameter. */
  readonly path: string;
  readonly summary: string;
  /**
   * `public` needs no sign-in; `signed-in` is for everybody with a valid token, and answers with what they may see.
   */
  readonly access: "public" | "signed-in" | Access;
  /** Query parameters and what they are for. */
  readonly query?: Readonly<Record<string, string>>;
  /** Shape of a JSON body. */
  readonly body?: TSchema;
  /** The body is a form, as sign-ins send them; says what is in it. */
  readonly form?: string;
  /** The body is not JSON and is read as a stream; says what it is. */
  readonly streams?: string;
  /** Checks that come after the sign-in and before the permission (contract/registration.md §5). */
  readonly front?: (context: Context, request: FastifyRequest) => void | Promise<void>;
  /** Checks that come after the permission and before the body is read. */
  readonly gates?: (context: Context, request: FastifyRequest) => void | Promise<void>;
  /**
   * Its good answers may be given again to the same question while nothing is written: they are JSON, and follow from the
   * stores and from the parts of a request that `recentAnswers.ts` compares.
   */
  readonly remembers?: boolean;
  /**
   * What of its refusals is the front door's and not the provider's; their answers say so (contract/registration.md §5.4).
   */
  readonly gateway?: "checks" | "everything";
  readonly run: (context: Context, request: FastifyRequest, reply: FastifyReply) => Promise<Answer | undefined>;
}

/** Somebody whose sign-in was checked, and until when that check is good. */
export interface SignedIn {
  readonly caller: Caller;
  readonly untilMs: number;
}

interface Admitted extends SignedIn {
  readonly generation: Generation;
  budget?: Budget | undefined;
}

const signedIn = new WeakMap<FastifyRequest, Admitted>();

/** Who calls; only for routes that are not public. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = signedIn.get(request)?.caller;
  if (caller === undefined) throw new Error("nobody has signed in for this route");
  return caller;
}

/** The fields of a form; of repeated ones the first counts. */
export const formOf = (request: FastifyRequest): Readonly<Record<string, string>> =>
  (request.body ?? {}) as Readonly<Record<string, string>>;

/** Says who sends a request. Throws a Fault of kind `unauthenticated`. */
export type Authenticate = (request: FastifyRequest) => Promise<SignedIn>;

/**
 * Every refused write, and of the refused reads those that somebody may not do and the eight refusals. Other reads of
 * what is not there are no news, and a poll of them would fill the audit.
 */
const isAudited = (method: Method, { kind, code }: Fault): boolean =>
  kind !== "unauthenticated" &&
  kind !== "defect" &&
  kind !== "throttled" &&
  ((method !== "GET" && method !== "HEAD") || kind === "forbidden" || REFUSAL_CODES.includes(code));

interface MethodPattern {
  readonly method: Method;
  readonly pattern: RegExp;
}

/** What fits the paths of routes: in any case, a segment for each parameter. Routes for everything else fit nothing. */
export const patternsOf = (routes: readonly Pick<Route, "method" | "path">[]): readonly MethodPattern[] =>
  routes
    .filter(({ path }) => !path.endsWith("*"))
    .map(({ method, path }) => {
      const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`, "i");
      return { method, pattern };
    });

/** The methods that an address knows; its spelling may have slashes too many. */
export function methodsFor(path: string, patterns: readonly MethodPattern[]): readonly Method[] {
  const plain = path.replace(/\/+/g, "/").replace(/\/$/, "");
  return [...new Set(patterns.filter(({ pattern }) => pattern.test(plain)).map(({ method }) => method))];
}

export function addRoutes(
  server: FastifyInstance,
  routes: readonly Route[],
  context: Context,
  authenticate: Authenticate,
): void {
  const patterns = patternsOf(routes);
  knowMethods(server, (path) => methodsFor(path, patterns));
  const recent = new RecentAnswers(context);
  const throttle = new Throttle(context);
  // With a callback, and before everything else: most of the time of a remembered answer would be promises.
  const recall = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const known = recent.find(request);
    // Where nothing is left to spend, the way through all the checks tells why.
    if (known?.budget?.spend(request, reply, context.clock.now()) === false || known === undefined) done();
    else void reply.headers(known.headers).send(known.body);
  };
  for (const route of routes) {
    const { method, path, access, body, form, streams, front, gates, remembers = false, run } = route;
    // Before the body is read: nobody who may not makes us parse megabytes.
    const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const generation = recent.open();
      const { caller, untilMs } = await authenticate(request);
      const admitted: Admitted = { caller, untilMs, generation };
      signedIn.set(request, admitted);
      const spend = (subscription?: string): void => {
        admitted.budget = throttle.budgetOf(caller, subscription);
        admitted.budget?.mustSpend(request, reply, context.clock.now());
      };
      try {
        await front?.(context, request);
      } catch (error) {
        spend();
        throw error;
      }
      spend(path.startsWith("/subscriptions/") ? paramOf(request, "subscription").toLowerCase() : undefined);
      if (typeof access === "object") {
        const scope = (await access.scope?.(context, request)) ?? "/";
        const shown = access.lookedUp === true ? { shown: pathOf(request) } : {};
        await mustAllow(context, caller, { action: access.action, scope, ...shown });
      }
      await gates?.(context, request);
    };
    server.route({
      method,
      url: path,
      exposeHeadRoute: false,
      ...(body === undefined ? {} : { schema: { body } }),
      ...(streams === undefined ? {} : { config: streamed }),
      ...(form === undefined ? {} : { config: asForm }),
      onRequest: [...(remembers ? [recall] : []), ...(access === "public" ? [] : [admit])],
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        if (streams !== undefined) giveUpWhenIdle(request.raw, reply.raw, LIMITS.intakeIdleMsMax);
        try {
          const answer = await run(context, request, reply);
          if (answer === undefined) return reply;
          const { status, headers = {} } = answer;
          const sent = remembers && status === 200 ? rememberedAnswer(request, answer) : undefined;
          return await reply
            .code(status)
            .headers(sent?.headers ?? headers)
            .send(answer.stream === undefined ? (sent?.body ?? answer.body) : Readable.from(answer.stream));
        } catch (error) {
          ranInto.add(request);
          throw error;
        } finally {
          if (streams !== undefined) drain(request.raw);
        }
      },
      errorHandler: (thrown, request, reply) => void refuse(context, route, { thrown, request, reply }),
    });
  }
}

/** Keeps an answer for the next one who asks the same. */
function rememberedAnswer(request: FastifyRequest, { headers, body }: Answer): SentAnswer {
  const { generation, untilMs, budget } = signedIn.get(request)!;
  const answer = { budget, headers: { ...headers, "content-type": JSON_TYPE }, body: JSON.stringify(body) };
  generation.keep(request, answer, untilMs);
  return answer;
}

/** Requests that were let through, and refused by what they asked for. */
const ranInto = new WeakSet<FastifyRequest>();

interface Refusal {
  readonly thrown: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Answers a call that failed, and audits it. An audit that cannot be written does not hide why. */
async function refuse(context: Context, route: Route, { thrown, request, reply }: Refusal): Promise<void> {
  const { access, method, path, gateway } = route;
  if (gateway === "everything" || (gateway === "checks" && !ranInto.has(request))) {
    void reply.header("x-ms-failure-cause", "gateway");
  }
  const fault = toFault(thrown, request);
  if (signedIn.has(request) && isAudited(method, fault)) {
    try {
      await auditRefusal(context, request, typeof access === "object" ? access.action : path, fault);
    } catch (cause) {
      request.log.error({ err: cause }, "a refusal could not be audited");
    }
  }
  await sendFault(fault, request, reply);
}

const pathOf = (request: FastifyRequest): string => request.url.split("?")[0]!;

/** Longer paths are cut. */
const TARGET_CHARS_MAX = 1_000;

/** Adds a refusal to the audit; for routes that answer one in a form of their own. */
export async function auditRefusal(
  { control, clock }: Context,
  request: FastifyRequest,
  action: string,
  fault: Fault,
): Promise<void> {
  await control.audit.add({
    ...auditedBy(callerOf(request), clock.now()),
    action,
    target: pathOf(request).slice(0, TARGET_CHARS_MAX),
    outcome: fault.code,
    detail: { message: fault.message },
  });
}
