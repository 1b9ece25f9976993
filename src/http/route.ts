import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import { REFUSAL_CODES } from "../domain/faults/catalogue.ts";
import type { Fault } from "../domain/faults/fault.ts";
import { auditedBy, type Caller, type Context } from "../operations/context.ts";
import { asForm, sendFault, streamed, toFault } from "./server.ts";
import { Passes } from "./passes.ts";
import { mustAllow } from "./permissions.ts";
import { drain, giveUpWhenIdle } from "./usageBody.ts";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** What somebody must be allowed to do, and on what. */
export interface Access {
  /** As roles name it (domain/access/roles.ts). */
  readonly action: string;
  /** Resource id; `/` unless given. It may need a look-up: what is not found is asked for at `/`. */
  readonly scope?: (context: Context, request: FastifyRequest) => string | Promise<string>;
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
  readonly run: (context: Context, request: FastifyRequest, reply: FastifyReply) => Promise<Answer | undefined>;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who calls; only for routes that are not public. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error("nobody has signed in for this route");
  return caller;
}

/** The fields of a form; of repeated ones the first counts. */
export const formOf = (request: FastifyRequest): Readonly<Record<string, string>> =>
  (request.body ?? {}) as Readonly<Record<string, string>>;

/** Says who sends a request. Throws a Fault of kind `unauthenticated`. */
export type Authenticate = (request: FastifyRequest) => Promise<Caller>;

/**
 * Every refused write, and of the refused reads those that somebody may not do and the eight refusals. Other reads of
 * what is not there are no news, and a poll of them would fill the audit.
 */
const isAudited = (method: Method, { kind, code }: Fault): boolean =>
  kind !== "unauthenticated" &&
  kind !== "defect" &&
  ((method !== "GET" && method !== "HEAD") || kind === "forbidden" || REFUSAL_CODES.includes(code));

export function addRoutes(
  server: FastifyInstance,
  routes: readonly Route[],
  context: Context,
  authenticate: Authenticate,
): void {
  for (const route of routes) {
    const { method, path, access, body, form, streams, front, gates, run } = route;
    const passes = method === "GET" ? new Passes(context) : undefined;
    server.route({
      method,
      url: path,
      exposeHeadRoute: false,
      ...(body === undefined ? {} : { schema: { body } }),
      ...(streams === undefined ? {} : { config: streamed }),
      ...(form === undefined ? {} : { config: asForm }),
      // Before the body is read: nobody who may not makes us parse megabytes.
      onRequest: async (request: FastifyRequest) => {
        if (access === "public") return;
        const caller = await authenticate(request);
        callers.set(request, caller);
        const pass = `${caller.kind} ${caller.issuer} ${caller.tenant} ${caller.objectId} ${request.url}`;
        if (passes?.isValid(pass) === true) return;
        const opened = passes?.open();
        await front?.(context, request);
        if (typeof access === "object") {
          const scope = (await access.scope?.(context, request)) ?? "/";
          const shown = access.lookedUp === true ? pathOf(request) : scope;
          await mustAllow(context, caller, { action: access.action, scope, shown });
        }
        await gates?.(context, request);
        if (opened !== undefined) passes?.keep(pass, opened);
      },
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        if (streams !== undefined) giveUpWhenIdle(request.raw);
        try {
          const answer = await run(context, request, reply);
          if (answer === undefined) return reply;
          return await reply
            .code(answer.status)
            .headers(answer.headers ?? {})
            .send(answer.body);
        } finally {
          if (streams !== undefined) drain(request.raw);
        }
      },
      errorHandler: (thrown, request, reply) => void refuse(context, route, { thrown, request, reply }),
    });
  }
}

interface Refusal {
  readonly thrown: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Answers a call that failed, and audits it. An audit that cannot be written does not hide why. */
async function refuse(context: Context, route: Route, { thrown, request, reply }: Refusal): Promise<void> {
  const { access, method, path } = route;
  const fault = toFault(thrown, request);
  if (callers.has(request) && isAudited(method, fault)) {
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

async function auditRefusal(
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
