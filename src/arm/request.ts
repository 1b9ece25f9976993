import type { FastifyRequest } from "fastify";
import { Fault } from "../domain/faults/fault.ts";
import { type SubscriptionId, subscriptionId } from "../domain/ids.ts";
import type { RegistrationScope, Tags } from "../domain/registration/registration.ts";
import { paramOf } from "../http/parameters.ts";

/** @param name in lower case, as the server folds it */
export const queryOf = (request: FastifyRequest, name: string): string | undefined =>
  (request.query as Readonly<Record<string, string | undefined>>)[name];

/** @throws Fault InvalidSubscriptionId */
export function subscriptionOf(request: FastifyRequest): SubscriptionId {
  const given = paramOf(request, "subscription");
  const id = subscriptionId(given);
  if (id === undefined) throw new Fault("InvalidSubscriptionId", { subscription: given });
  return id;
}

export const registrationScopeOf = (request: FastifyRequest): RegistrationScope => ({
  subscription: subscriptionOf(request),
  resourceGroup: paramOf(request, "resourceGroup"),
  name: paramOf(request, "registration"),
});

export type Members = Readonly<Record<string, unknown>>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const invalidContent = (reason: string, target?: string): Fault =>
  new Fault("InvalidRequestContent", { reason }, target === undefined ? {} : { target });

/**
 * The members of a JSON body; none where there is no body.
 * @throws Fault InvalidRequestContent
 */
export function bodyOf(request: FastifyRequest): Members {
  const { body } = request;
  if (body === undefined || body === null) return {};
  if (!isMembers(body)) throw invalidContent("it is no JSON object");
  return body;
}

/** @throws Fault InvalidRequestContent */
export function propertiesOf(request: FastifyRequest): Members {
  const { properties } = bodyOf(request);
  if (properties === undefined || properties === null) return {};
  if (!isMembers(properties)) throw invalidContent("properties is no JSON object", "properties");
  return properties;
}

/** @throws Fault InvalidRequestContent */
export function textOf(members: Members, name: string, target = `properties.${name}`): string | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalidContent(`${target} is not a text`, target);
  return value;
}

const TAGS_MAX = 50;
const TAG_NAME_CHARS_MAX = 512;
const TAG_VALUE_CHARS_MAX = 256;

/**
 * Tags as ARM takes them; undefined where the body has none.
 * @throws Fault InvalidRequestContent
 */
export function tagsOf(request: FastifyRequest): Tags | undefined {
  const { tags } = bodyOf(request);
  if (tags === undefined || tags === null) return undefined;
  if (!isMembers(tags)) throw invalidContent("tags is no JSON object", "tags");
  const entries = Object.entries(tags);
  if (entries.length > TAGS_MAX) throw invalidContent(`there are more than ${TAGS_MAX} tags`, "tags");
  for (const [name, value] of entries) {
    if (typeof value !== "string") throw invalidContent(`the value of tag '${name}' is not a text`, "tags");
    if (name === "" || name.length > TAG_NAME_CHARS_MAX || value.length > TAG_VALUE_CHARS_MAX) {
      const most = `${TAG_NAME_CHARS_MAX} characters, a value at most ${TAG_VALUE_CHARS_MAX}`;
      throw invalidContent(`a tag's name has 1 to ${most}`, "tags");
    }
  }
  return Object.fromEntries(entries) as Tags;
}
