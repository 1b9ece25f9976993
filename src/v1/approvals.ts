import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { LIMITS } from "../domain/limits.ts";
import { notificationState } from "../domain/notification/notification.ts";
import { registrationResourceId } from "../domain/registration/registration.ts";
import {
  APPROVAL_ACTIONS,
  APPROVAL_STATES,
  type ApprovalAction,
  type ApprovalEvent,
} from "../domain/tenancy/approval.ts";
import { approvalMail } from "../domain/tenancy/approvalText.ts";
import { allowedRows } from "../http/permissions.ts";
import { type Answer, callerOf, type Route } from "../http/route.ts";
import { formatInstant } from "../lib/instant.ts";
import { actOnApproval } from "../operations/approvals/act.ts";
import type { Context } from "../operations/context.ts";
import { findRegistration, listRegistrations } from "../operations/registrations/find.ts";
import { paramOf } from "../http/parameters.ts";
import { ApprovalBody, bodyOf, queryOf } from "./input.ts";
import { registrationOut } from "./output.ts";
import { PAGE_QUERY, pageOf } from "./page.ts";
import { onRegistration, REGISTRATION } from "./registrationScope.ts";

const eventOut = ({ action, actor, reason, recordedAtMs }: ApprovalEvent) => ({
  action,
  actor,
  reason,
  recordedAt: formatInstant(recordedAtMs),
});

const run =
  (action: ApprovalAction) =>
  async (context: Context, request: FastifyRequest): Promise<Answer> => {
    const { reason = "" } = bodyOf(request, ApprovalBody) ?? {};
    const registration = await findRegistration(context.control, paramOf(request, "registration"));
    const approval = await actOnApproval(context, callerOf(request), registration, { action, reason });
    const mail = action === "request" && approval === "requested" ? { mail: approvalMail(registration) } : {};
    return { status: 200, body: { registration: registration.id, name: registration.name, approval, ...mail } };
  };

async function list(context: Context, request: FastifyRequest): Promise<Answer> {
  const state = queryOf(request, "state");
  if (state !== undefined && !APPROVAL_STATES.some((known) => known === state)) {
    const reason = `one of ${APPROVAL_STATES.join(", ")} is needed`;
    throw new Fault("InvalidParameter", { parameter: "state", value: state, reason }, { target: "state" });
  }
  const registrations = await listRegistrations(context.control);
  const visible = await allowedRows(context, callerOf(request), {
    rows: registrations.filter((so) => state === undefined || so.approval === state),
    action: "Stampbook/approvals/read",
    scopeOf: registrationResourceId,
  });
  const { rows, next } = pageOf(request, visible);
  const value = rows.map((so) => ({
    ...registrationOut(so),
    lastAction: so.approvalEvent === undefined ? null : eventOut(so.approvalEvent),
  }));
  return { status: 200, body: { value, ...next } };
}

async function history({ control }: Context, request: FastifyRequest): Promise<Answer> {
  const registration = await findRegistration(control, paramOf(request, "registration"));
  const events = await control.tenancy.approvalEvents(registration.id);
  return { status: 200, body: { value: events.map(eventOut) } };
}

async function text({ control }: Context, request: FastifyRequest): Promise<Answer> {
  return { status: 200, body: approvalMail(await findRegistration(control, paramOf(request, "registration"))) };
}

async function notifications({ control }: Context): Promise<Answer> {
  const value = (await control.notifications.list(LIMITS.pageRowsMax)).map((so) => ({
    id: so.id,
    kind: so.kind,
    state: notificationState(so),
    attempts: so.attempts,
    createdAt: formatInstant(so.createdAtMs),
    nextAttemptAt: notificationState(so) === "waiting" ? formatInstant(so.nextAttemptAtMs) : null,
    lastError: so.lastError,
    payload: so.payload,
  }));
  return { status: 200, body: { value } };
}

const APPROVAL = `${REGISTRATION}/approval`;
const REQUEST = "Stampbook/approvals/request/action";
const DECIDE = "Stampbook/approvals/decide/action";

const SUMMARIES: Readonly<Record<ApprovalAction, { readonly summary: string; readonly needs: string }>> = {
  request: { summary: "Ask for multi-tenancy; answers with a text that can be sent to an approver.", needs: REQUEST },
  approve: { summary: "Grant multi-tenancy.", needs: DECIDE },
  deny: { summary: "Refuse multi-tenancy; a reason is needed.", needs: DECIDE },
  revoke: {
    summary: "Take multi-tenancy back: mappings stay and bill, new ones are refused. A reason is needed.",
    needs: DECIDE,
  },
};

/** Approval of registrations for multi-tenancy. */
export const APPROVAL_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/approvals",
    summary: "List registrations with their approval and what led to it.",
    access: "signed-in",
    query: { state: `One of ${APPROVAL_STATES.join(", ")}; all unless given.`, ...PAGE_QUERY },
    run: list,
  },
  ...APPROVAL_ACTIONS.map(
    (action): Route => ({
      method: "POST",
      path: `${APPROVAL}/${action}`,
      summary: SUMMARIES[action].summary,
      access: onRegistration(SUMMARIES[action].needs),
      body: ApprovalBody,
      run: run(action),
    }),
  ),
  {
    method: "GET",
    path: APPROVAL,
    summary: "History of a registration's approval.",
    access: onRegistration("Stampbook/approvals/read"),
    run: history,
  },
  {
    method: "GET",
    path: `${APPROVAL}/text`,
    summary: "The text that an approver needs, ready to be sent.",
    access: onRegistration("Stampbook/approvals/read"),
    run: text,
  },
  {
    method: "GET",
    path: "/v1/notifications",
    summary: "What was told to the approvers' system, what waits, and what was given up; newest first.",
    access: { action: "Stampbook/approvals/read" },
    run: notifications,
  },
];
