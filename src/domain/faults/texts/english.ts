import type { FaultText, LanguageWords } from "../fault.ts";

export const ENGLISH_WORDS: LanguageWords = {
  name: "English",
  accepts: /^en(-|$)/,
  why: "why",
  act: "do ",
  meant: "or?",
  colon: ": ",
  title: "Errors",
  about:
    "Every code that can leave Stampbook, in the order of the catalogue. Words in braces stand for the values that were given. The command line prints code, message, cause and remedy; `stampbook errors explain CODE` tells what is here. HTTP answers carry cause, remedy and a link in `additionalInfo`.",
  refusals: "The eight refusals, in order of precedence",
  refusalsAbout:
    "When a request could be refused in several ways, the first of these is the answer. The setting `refusalStatuses` changes their HTTP statuses.",
  others: "All other errors",
  kind: "Kind",
  status: "HTTP status",
  statusChosen: "chosen by this server's operator",
  target: "Target",
  message: "Message",
  cause: "Cause",
  remedy: "Remedy",
  provoke: "How to provoke it",
  allCodes: "All codes",
};

/** Messages, causes and remedies in English, in the catalogue's order. `{names}` are filled in with what was given. */
export const ENGLISH = {
  RegistrationNotFound: {
    message:
      "No registration '{registration}' exists in resource group '{resourceGroup}' of subscription '{subscription}'.",
    cause: "The subscription, the resource group or the registration name points to a registration that is not there.",
    remedy: [
      "List what is registered: stampbook registrations list",
      "Compare the cloud id of your stamp with the list, and use the subscription, resource group and name in that row.",
    ],
    provoke: "Map a tenant under a registration name that was never registered.",
  },
  CustomerSubscriptionsNotAllowed: {
    message:
      "Registration '{registration}' uses billing model '{billingModel}'; only PayAsYouUse has customer subscriptions.",
    cause: "Capacity and disconnected stamps are not charged by usage, so their tenants have no paying subscription.",
    remedy: [
      "If the stamp should be charged by usage, register it again with a token of billing model PayAsYouUse.",
      "Otherwise map nothing: the stamp's usage is recorded and not charged.",
    ],
    provoke: "Map a tenant on a stamp that was registered with billing model Capacity.",
  },
  UnauthorizedCspRegistration: {
    message: "Registration '{registration}' is not approved for multi-tenancy; its approval is '{approval}'.",
    cause: "A registration has to be approved before tenants are mapped, so that nobody is billed by mistake.",
    remedy: [
      "Ask for it: stampbook approvals request {registration}",
      "Have an approver grant it: stampbook approvals approve {registration}",
    ],
    provoke: "Map a tenant right after registering a stamp, before the approval.",
  },
  InvalidCustomerSubscriptionId: {
    message: "'{customerSubscription}' is not a known subscription.",
    cause: "The id is not a GUID, or no subscription of that id is in the partner catalogue.",
    remedy: [
      "Check the id for typing mistakes against the partner catalogue: stampbook catalogue list",
      "If the subscription is new, add it to the catalogue: stampbook catalogue import FILE",
    ],
    provoke: "Map a tenant to an id that no subscription has.",
  },
  MetadataResolverBadGatewayError: {
    message: "The upstream subscription service could not be asked about '{customerSubscription}': {reason}.",
    cause:
      "The partner catalogue does not know the subscription, and the service at resolverUrl that may know it failed or did not answer in time.",
    remedy: [
      "Try again in a minute; nothing was stored.",
      "If it stays so, have the upstream service at resolverUrl checked.",
    ],
    provoke: "Set resolverUrl to a service that answers 503 and map a subscription that only it knows.",
  },
  InvalidCSPSubscription: {
    message: "Subscription '{customerSubscription}' has offer type '{offerType}' and is not a CSP subscription.",
    cause: "Only subscriptions bought through a Cloud Solution Provider can pay for a tenant's usage.",
    remedy: [
      "Use the customer's CSP subscription: stampbook catalogue list",
      "If the customer has none, create one in Partner Center and add it to the catalogue.",
    ],
    provoke: "Map a tenant to a subscription of offer type EA.",
  },
  BadCustomerSubscriptionId: {
    message: "Subscription '{customerSubscription}' cannot pay for usage of registration '{registration}': {reason}.",
    cause:
      "The customer subscription must belong to the same partner as the registration (and to the same reseller, if a reseller registered it), be enabled, and be written in lower case.",
    remedy: [
      "Use a customer subscription of the partner that owns the registration's subscription.",
      "Write the id in lower case, exactly as the partner catalogue lists it.",
    ],
    provoke: "Map a tenant to a CSP subscription of another partner.",
  },
  CustomerSubscriptionNotFound: {
    message: "Customer subscription '{customerSubscription}' is not mapped under registration '{registration}'.",
    cause:
      "No tenant of this registration is mapped to that subscription; perhaps it was removed, or replaced by another.",
    remedy: [
      "List what is mapped: stampbook tenants list {registration}",
      "Map it: stampbook tenants map {registration} {customerSubscription}",
    ],
    provoke: "Ask for a customer subscription that was never mapped.",
  },

  AuthenticationFailed: {
    message: "Authentication failed. {reason}",
    cause: "The request does not say who sends it.",
    remedy: [
      "Sign in and send the token in the header Authorization: Bearer TOKEN",
      "See how the tools sign in here: stampbook connect",
    ],
    provoke: "Call any route without an Authorization header.",
  },
  AuthorizationFailed: {
    message:
      "The client '{client}' with object id '{objectId}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
    cause: "No role of yours at this scope, or at one above it, allows this action.",
    remedy: [
      "Ask an Owner for a role that allows it: stampbook access grant --role ROLE --to {objectId} --scope {scope}",
      "See what you may do: stampbook access list --of {objectId}",
    ],
    provoke: "Map a tenant with the credential of a Reader.",
  },

  InvalidAuthenticationToken: {
    message: "The access token is invalid: {reason}.",
    cause:
      "The token in the Authorization header is none, was changed, or comes from an issuer that is not trusted here.",
    remedy: [
      "Sign in again and send the new token: stampbook connect",
      "If another identity provider issued it, name that one in the setting oidcIssuers.",
    ],
    provoke: "Send the header Authorization: Bearer abc",
  },
  ExpiredAuthenticationToken: {
    message: "The access token expired at {expiredAt}; it is {now} now.",
    cause: "A token lives for about an hour; or the clock of whoever issued it is wrong.",
    remedy: ["Sign in again and send the new token.", "If the times in the message are odd, check both clocks."],
    provoke: "Send a token of yesterday.",
  },
  InvalidAuthenticationTokenAudience: {
    message: "The access token is for '{audience}', which is not this server.",
    cause: "A token says for whom it is, and this one is for another service.",
    remedy: [
      "Ask for a token for the URL of this server, or for https://management.azure.com",
      "If tools of yours use another audience, add it to the setting audiences.",
    ],
    provoke: "Send a token that was issued for another service.",
  },
  InvalidAuthenticationTokenTenant: {
    message: "The access token is from the wrong directory '{given}'. It must be from the directory '{expected}'.",
    cause: "A subscription, or a trusted issuer, belongs to one identity directory, and the token comes from another.",
    remedy: ["Sign in to the directory in the message; the header WWW-Authenticate says where."],
    provoke: "Use a token of one customer's directory with the subscription of another customer.",
  },
  IssuerUnavailable: {
    message: "The identity provider '{issuer}' cannot be asked for its keys: {reason}.",
    cause: "Its keys are needed to check the token, and it does not answer or answers something else.",
    remedy: ["Try again in a minute.", "If it stays so, check the provider and the setting oidcIssuers."],
    provoke: "Name a service that is down in oidcIssuers and send a token with its name.",
  },
  SignInFailed: {
    message: "The sign-in at {server} was refused: {reason}.",
    cause: "The server does not take the client id and the secret that the command was given.",
    remedy: [
      "Check STAMPBOOK_CLIENT_ID and STAMPBOOK_CLIENT_SECRET.",
      "Make a new credential on the server's machine: stampbook credentials create --role ROLE --scope SCOPE",
    ],
    provoke: "Use --server with a wrong STAMPBOOK_CLIENT_SECRET.",
  },
  CredentialNotFound: {
    message: "There is no credential '{clientId}'.",
    cause: "The client id or user name is mistyped.",
    remedy: ["List the credentials: stampbook credentials list"],
    provoke: "Revoke a credential that was never made.",
  },
  CredentialExists: {
    message: "The client id or user name '{clientId}' is taken.",
    cause: "A name is used once, also when its credential was revoked: what it did is kept under it.",
    remedy: ["Choose another name; see which there are: stampbook credentials list"],
    provoke: "Make a user of the same name twice.",
  },

  InvalidRegistrationToken: {
    message: "The registration token cannot be read: {reason}.",
    cause: "A token is the Base64 form of a JSON object that holds at least cloudId and billingModel.",
    remedy: ["Make a new token on the stamp and pass it on unchanged, as one line."],
    provoke: "Register a stamp with the token 'abc'.",
  },
  CloudIdUpdateNotAllowed: {
    message: "Registration '{registration}' belongs to cloud id '{known}' and cannot be given to '{given}'.",
    cause: "A registration stays with its stamp for ever, because its usage does.",
    remedy: ["Register the other stamp under another name."],
    provoke: "Register a second stamp under the name of the first.",
  },
  CloudIdAlreadyRegistered: {
    message: "Cloud id '{cloudId}' is registered already.",
    cause: "One stamp has one registration; a second one would count its usage twice.",
    remedy: ["Use the registration that exists: stampbook registrations list"],
    provoke: "Register the same token under two names.",
  },
  InvalidApiVersionParameter: {
    message: "The api-version '{version}' is invalid. The supported versions are '{supported}'.",
    cause: "An api-version is a date, with -preview, -alpha, -beta, -rc or -privatepreview after it or not.",
    remedy: ["Send one of the versions in the message: ?api-version=2022-12-01"],
    provoke: "List subscriptions with api-version=latest.",
  },
  SubscriptionNotFound: {
    message: "The subscription '{subscription}' could not be found.",
    cause: "No subscription of this id is in the partner catalogue, or it was deleted.",
    remedy: [
      "Check the id for typing mistakes: stampbook catalogue list",
      "If the subscription is new, add it to the catalogue: stampbook catalogue import FILE",
    ],
    provoke: "List the registrations of a subscription that is not in the catalogue.",
  },
  ReadOnlyDisabledSubscription: {
    message:
      "The subscription '{subscription}' is in state '{state}' and therefore read only; nothing can be written in it until it is Enabled again.",
    cause: "A subscription that is warned, past due or disabled only lets its resources be read and deleted.",
    remedy: [
      "Have the subscription enabled again, and record that in the catalogue: stampbook catalogue put {subscription} --state Enabled",
    ],
    provoke: "Register a stamp in a subscription whose state is Disabled.",
  },
  MissingSubscriptionRegistration: {
    message:
      "The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.",
    cause: "A resource provider is switched on for each subscription once, before its resources are used.",
    remedy: ["Register it: az provider register --namespace {namespace}"],
    provoke: "Register a stamp in a subscription that was never registered for the namespace.",
  },
  ResourceGroupNotFound: {
    message: "Resource group '{resourceGroup}' could not be found.",
    cause: "The resource group was never made, or was deleted, or its name is misspelt.",
    remedy: [
      "List the groups of the subscription: az group list",
      "Make it: az group create --name {resourceGroup} --location global",
    ],
    provoke: "Register a stamp in a resource group that does not exist.",
  },
  InvalidResourceGroupLocation: {
    message:
      "Invalid resource group location '{location}'. The resource group '{resourceGroup}' already exists in location '{known}'.",
    cause: "A resource group keeps the location that it was made with.",
    remedy: ["Send the location that it has: {known}"],
    provoke: "Create a resource group twice with different locations.",
  },
  ResourceMoveConflict: {
    message:
      "Registration '{registration}' cannot be moved: resource group '{resourceGroup}' has one of that name already. Nothing was moved.",
    cause: "Two registrations of one resource group cannot have the same name.",
    remedy: ["Move it to another resource group, or delete the registration that has the name."],
    provoke: "Move a registration into a group that has a registration of the same name.",
  },
  ResourceMoveNotSupported: {
    message: "'{resource}' cannot be moved: {reason}. Nothing was moved.",
    cause: "Only registrations can be moved, and only between resource groups of one subscription.",
    remedy: ["Send full ids of registrations of the group in the URL, and a target group of the same subscription."],
    provoke: "Move a registration to a resource group of another subscription.",
  },
  ScopeLocked: {
    message:
      "The scope '{scope}' cannot perform {operation} operation because following scope(s) are locked: '{locked}'. Please remove the lock and try again.",
    cause: "Lock '{lock}' of level {level} holds for '{locked}' and for everything below it.",
    remedy: [
      "Lift the lock: az lock delete --name {lock} --resource {locked}",
      "Do what you came for.",
      "Put the lock back: az lock create --name {lock} --lock-type {level} --resource {locked}",
    ],
    provoke: "Remove a tenant of a registration that has a CanNotDelete lock.",
  },
  PreconditionFailed: {
    message: "The condition '{condition}' is not met: the resource's etag is '{etag}'.",
    cause:
      "Somebody else has written the resource since you read it, or it is there when it should not be, or the other way round.",
    remedy: ["Read the resource again, look at what has changed, and send the etag that it has now."],
    provoke: 'Write a registration with the header If-Match: "0".',
  },
  InvalidResourceType: {
    message:
      "The resource type '{type}' could not be found in the namespace '{namespace}' for api version '{version}'. The supported api-versions are '{supported}'.",
    cause: "The type is misspelt, is not in that version, or is not served here (docs/differences.md).",
    remedy: ["See what is served: az provider show --namespace {namespace}"],
    provoke: "List the products of a registration.",
  },
  InvalidResourceNamespace: {
    message: "The resource namespace '{namespace}' is invalid.",
    cause: "The namespace is misspelt, or not served here.",
    remedy: ["See what is served: az provider list"],
    provoke: "Ask for the provider Microsoft.Compute.",
  },
  MethodNotAllowed: {
    message: "The HTTP method '{method}' is not supported at '{path}'.",
    cause: "What is at this address does not know this method.",
    remedy: ["Use one of: {allowed}"],
    provoke: "Send a PATCH to a customer subscription.",
  },
  LocationRequired: {
    message: "The location property is required for this definition.",
    cause: "A resource group is made in a location.",
    remedy: ["Send a location, for example global."],
    provoke: "Create a resource group without a location.",
  },
  InvalidFilterInQueryString: {
    message: "Invalid $filter '{filter}' specified in the query string: {reason}.",
    cause: "Resources are filtered by resourceType, name, resourceGroup, tagName and tagValue, joined by and.",
    remedy: ["For example: $filter=resourceType eq 'Microsoft.AzureStack/registrations' and name eq 'north'"],
    provoke: "List resources with $filter=size gt 3.",
  },
  LockNotFound: {
    message: "The lock '{lock}' could not be found at '{scope}'.",
    cause: "The lock is at another scope, or was lifted.",
    remedy: ["List the locks: az lock list"],
    provoke: "Show a lock that was never made.",
  },
  RoleAssignmentNotFound: {
    message: "The role assignment '{id}' is not found.",
    cause: "The assignment was taken back, or was made at another scope.",
    remedy: ["List who may do what: stampbook access list"],
    provoke: "Show a role assignment that was never made.",
  },
  RoleAssignmentExists: {
    message: "The role assignment already exists.",
    cause: "The principal has this role at this scope already.",
    remedy: ["Nothing has to be done."],
    provoke: "Assign a role twice under different names.",
  },
  RoleDefinitionDoesNotExist: {
    message: "The specified role definition with ID '{id}' does not exist.",
    cause: "Roles are fixed here; their ids are those of Azure where Azure has the role.",
    remedy: ["List the roles: az role definition list"],
    provoke: "Assign a role whose id is a random GUID.",
  },
  LocationNotAvailableForResourceType: {
    message:
      "The provided location '{location}' is not available for resource type '{type}'. List of available regions for the resource type is 'global'.",
    cause: "Registrations have one location, global.",
    remedy: ["Leave the location out or send 'global'."],
    provoke: "Register a stamp with location westeurope.",
  },
  InvalidSubscriptionId: {
    message: "The provided subscription identifier '{subscription}' is malformed or invalid.",
    cause: "A subscription id is a GUID.",
    remedy: ["Check the id in the path of the request."],
    provoke: "Use 'abc' as subscription id.",
  },
  ResourceNotFound: {
    message: "The Resource '{type}/{name}' under resource group '{resourceGroup}' was not found.",
    cause: "Nothing of that type and name is in this resource group.",
    remedy: ["List what is there: stampbook registrations list"],
    provoke: "Show a registration that does not exist.",
  },
  MissingApiVersionParameter: {
    message: "The api-version query parameter (?api-version=) is required for all requests.",
    cause: "Every request to Azure Resource Manager names the version of the contract that it speaks.",
    remedy: ["Add ?api-version=2017-06-01"],
    provoke: "Leave api-version out of a request for a registration.",
  },
  NoRegisteredProviderFound: {
    message:
      "No registered resource provider found for location 'global' and API version '{version}' for type '{type}'. The supported api-versions are '{supported}'. The supported locations are 'global'.",
    cause: "The version in api-version is none that this resource type has.",
    remedy: ["Use one of the versions in the message."],
    provoke: "Ask for a registration with api-version=1999-01-01.",
  },
  InvalidRequestContent: {
    message: "The request content was invalid and could not be deserialized: '{reason}'.",
    cause: "The body is not JSON, or not JSON of the shape that this operation takes.",
    remedy: ["Compare the body with the operation's page under docs/reference/."],
    provoke: "Register a stamp with an empty body.",
  },
  InvalidParameter: {
    message: "'{value}' is not valid for {parameter}: {reason}.",
    cause: "A parameter of the path, the query or the command line cannot be understood.",
    remedy: ["Correct the parameter; the message says what it takes."],
    provoke: "Ask for a page of usage with a limit of 'many'.",
  },
  RouteNotFound: {
    message: "No route answers {method} {path}.",
    cause: "The path is mistyped, or the operation does not exist.",
    remedy: ["See docs/reference/routes.md for every route."],
    provoke: "GET /v1/nothing",
  },
  UnsupportedMediaType: {
    message: "A body of type '{type}' is not taken here; send {supported}.",
    cause: "The content-type header names a format that this operation does not read.",
    remedy: ["Send the body in a format that the message names, with the content-type to match."],
    provoke: "Send usage as text/csv.",
  },
  RequestTooLarge: {
    message: "The request body is larger than {bytesMax} bytes.",
    cause: "Every body has a limit, so that one request cannot take the memory of all.",
    remedy: ["Send it in several smaller requests."],
    provoke: "Send a registration token of 5 MiB.",
  },
  RequestHeadTooLarge: {
    message: "The request line and the headers are larger than {bytesMax} bytes.",
    cause: "A head has a limit: it is read before anybody knows who sends it.",
    remedy: [
      "Shorten the URL, or send fewer or shorter headers.",
      "If the token is what is long, have it name fewer groups, or ask for one of the built-in issuer.",
    ],
    provoke: "Send a header of 40,000 characters.",
  },
  SubscriptionRequestsThrottled: {
    message:
      "The limit of {perMinute} requests a minute to subscription '{subscription}' was reached; ask again in {seconds} s.",
    cause: "Each caller may send so many reads, writes and deletions to a subscription in a minute.",
    remedy: [
      "Wait for as long as the header Retry-After says.",
      "Ask less often, or for more at once: lists give up to 1,000 rows with $top.",
      "If the limit is too low, raise the setting readsPerMinuteMax or writesPerMinuteMax.",
    ],
    provoke: "Start a server with --reads-per-minute-max 1 and read twice.",
  },
  TooManyRequests: {
    message:
      "The limit of {perMinute} requests a minute outside of subscriptions was reached; ask again in {seconds} s.",
    cause: "Each caller may send so many reads, writes and deletions in a minute that are for no known subscription.",
    remedy: [
      "Wait for as long as the header Retry-After says.",
      "If the limit is too low, raise the setting readsPerMinuteMax or writesPerMinuteMax.",
    ],
    provoke: "Start a server with --reads-per-minute-max 1 and list the registrations twice.",
  },
  InternalServerError: {
    message: "Something went wrong inside Stampbook; request id '{requestId}'.",
    cause: "A defect. It is written to the server's log under this request id.",
    remedy: ["Look for the request id in the server's log and report both."],
    provoke: "Not on purpose.",
  },

  NoApiVersion: {
    message: "The request names no api-version; '{supported}' is served.",
    cause: "The Commerce APIs want the parameter api-version in every request.",
    remedy: ["Add it: …&api-version={supported}"],
    provoke: "Ask for UsageAggregates without api-version.",
  },
  InvalidProperty: {
    message: "The value '{value}' of '{property}' is not valid: {reason}.",
    cause: "A parameter of the request is missing, cannot be read, or does not fit the others.",
    remedy: [
      "Send both reportedStartTime and reportedEndTime, in UTC: whole hours for Hourly, midnights for Daily.",
      "Follow a nextLink as it is, with the sign-in that got it; when it is refused, begin with the first page again.",
    ],
    provoke: "Ask for Daily usage from 10:30 on.",
  },
  RequestEndTimeIsInFuture: {
    message: "The reportedEndTime {end} is in the future; it is {now} now.",
    cause: "What is reported later cannot be told now.",
    remedy: ["Ask for an end up to now, and later for the rest.", "Compare your clock with the header Date."],
    provoke: "Ask for usage that was reported until tomorrow.",
  },
  SubscriberIdIsNotDirectTenant: {
    message: "'{subscriber}' is no direct tenant of subscription '{subscription}'.",
    cause: "A provider sees the local subscriptions on its own stamps, deleted ones too, and no others.",
    remedy: [
      "List those of a stamp: stampbook local-subscriptions list REGISTRATION",
      "Leave subscriberId out to get the usage of all.",
    ],
    provoke: "Ask for subscriberUsageAggregates with a made-up subscriberId.",
  },
  SubscriptionIdMissingInRequest: {
    message: "The address names no subscription.",
    cause: "Usage is asked for by subscription: /subscriptions/ID/providers/…",
    remedy: ["Put the id of your subscription into the address."],
    provoke: "Ask for /subscriptions//providers/Microsoft.Commerce/UsageAggregates.",
  },
  InvalidAggregationGranularity: {
    message: "'{granularity}' is no aggregation granularity; it is Daily or Hourly.",
    cause: "Usage is told by the hour, or summed up over the hours of a day.",
    remedy: [
      "Send aggregationGranularity=Daily or aggregationGranularity=Hourly, in any case, or leave it out for Daily.",
    ],
    provoke: "Ask for usage with aggregationGranularity=Monthly.",
  },
  ProcessingNotComplete: {
    message: "Usage that was reported until {end} is not complete yet; ask again in {seconds} s.",
    cause: "The range ends with the hour or day that is running now, and not every stamp has reported that far.",
    remedy: [
      "Wait for as long as the header Retry-After says, and ask again.",
      "Ask for an earlier end to get what is complete.",
    ],
    provoke: "Ask for Daily usage up to the last midnight before any stamp has reported it.",
  },
  ServiceUnavailable: {
    message: "Usage cannot be read now: {reason}.",
    cause: "The usage store does not answer, or has too much to do.",
    remedy: [
      "Wait for as long as the header Retry-After says, and ask again; nothing is lost.",
      "Operators: see /readyz.",
    ],
    provoke: "Ask for usage while the usage engine is stopped.",
  },
  RegistrationAmbiguous: {
    message: "'{registration}' fits {count} registrations.",
    cause: "Names are unique only within a resource group, and one may look like another's number or cloud id.",
    remedy: ["Use the full resource id: stampbook registrations list --json"],
    provoke: "Register two stamps under one name in two resource groups and use the bare name.",
  },
  ApprovalStateConflict: {
    message: "Registration '{registration}' cannot be given '{action}' while its approval is '{state}'.",
    cause: "Approvals go: none → requested → approved or denied; approved → revoked; denied or revoked → requested.",
    remedy: ["See where it stands: stampbook approvals list"],
    provoke: "Approve a registration that has not asked for it.",
  },

  AuditChainBroken: {
    message: "The audit is not as it was written: record {number} {why}.",
    cause: "Somebody changed the control store behind Stampbook's back, or its file is damaged.",
    remedy: [
      "Keep a copy of the data folder as it is now, for whoever examines it.",
      "Compare record {number} and those around it with a backup: stampbook audit list --json",
      "Find out who could write the data folder since the last good verification.",
    ],
    provoke: "Drop the triggers of audit_record with another program, change a row, and run stampbook audit verify.",
  },
  AuditHeadNotFound: {
    message: "No record of the audit has the hash '{head}'; the audit ends with record {number}.",
    cause: "The newest records were cut off, the audit was written anew, or the hash is of another Stampbook.",
    remedy: [
      "Check the hash against the one that was noted.",
      "Compare the end of the audit with a backup: stampbook audit list",
      "Find out who could write the data folder since the hash was noted.",
    ],
    provoke: "Run stampbook audit verify --head with 64 zeros.",
  },
  ActivationKeyUnreadable: {
    message: "This is no activation key: {reason}.",
    cause: "An activation key is one line of three Base64url parts with points between them; this text is another one.",
    remedy: ["Get the key again: stampbook activation-key get REGISTRATION --out FILE"],
    provoke: "Run stampbook activation-key verify on a registration token.",
  },
  ActivationKeyUnknown: {
    message: "The activation key was signed with key '{kid}', which is not among the {count} verification keys.",
    cause: "Another Stampbook, or Azure itself, made the activation key, or the verification keys are out of date.",
    remedy: [
      "Get the verification keys of the server that made it: GET /.well-known/stampbook/activation-keys",
      "If the key should be of this server, get it again: stampbook activation-key get REGISTRATION --out FILE",
    ],
    provoke: "Verify an activation key against the keys of another data folder.",
  },
  ActivationKeySignatureWrong: {
    message: "The signature of the activation key does not fit its content; it names key '{kid}'.",
    cause: "The header or the payload was changed after signing, or the signature was damaged on the way.",
    remedy: [
      "Do not use this key.",
      "Get it again: stampbook activation-key get REGISTRATION --out FILE",
      "Copy it as a file, whole and without line breaks.",
    ],
    provoke: "Change one letter in the middle part of an activation key and verify it.",
  },
  ErrorCodeUnknown: {
    message: "There is no error code '{code}'; the nearest one is {nearest}.",
    cause: "The code is misspelt, or it is of another version or another service.",
    remedy: ["Explain the nearest one: stampbook errors explain {nearest}", "See all codes: stampbook errors list"],
    provoke: "Run stampbook errors explain RegistrationNotFuond",
  },
  FileUnwritable: {
    message: "The file '{file}' cannot be written: {reason}.",
    cause: "Its folder is not there, it may not be written, or the disk is full.",
    remedy: ["Check the path, the permissions and the free space, or name another file."],
    provoke: "Run stampbook activation-key get REGISTRATION --out /no/such/folder/key",
  },
  IdempotencyKeyInvalid: {
    message: "'{key}' is no Idempotency-Key.",
    cause: "A key has 1 to {charsMax} visible ASCII characters, in quotes or without.",
    remedy: [
      'Make a new GUID for each body, and send it in quotes: Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"',
    ],
    provoke: 'Send usage with the header Idempotency-Key: ""',
  },
  IdempotencyKeyReused: {
    message: "The Idempotency-Key '{key}' was used for another request.",
    cause: "A key belongs to one body, with its registration, reported window, format and form of answer.",
    remedy: [
      "If this is another body, send it with a new key.",
      "If it is meant to be the same one, send it as it was: what is compared are the bytes after decompression.",
    ],
    provoke: "Send two files with the same Idempotency-Key.",
  },
  IdempotentRequestRunning: {
    message: "The request with the Idempotency-Key '{key}' is still being answered.",
    cause: "It was sent again before its first answer was there.",
    remedy: ["Wait for the seconds of the header Retry-After, and send it again."],
    provoke: "Send a large file twice at the same time with the same Idempotency-Key.",
  },
  ReportedWindowMissing: {
    message: "It is not known in which reported window these records were read.",
    cause: "Usage pages of a stamp do not carry the window that was asked for, and a record's identity needs it.",
    remedy: [
      "Give the window of the request that read the page: --reported-start and --reported-end, or the query parameters reportedStartTime and reportedEndTime.",
      "Or put reportedStartTime and reportedEndTime beside 'properties' on each NDJSON record.",
    ],
    provoke: "Import a page without --reported-start.",
  },
  ReportedWindowInvalid: {
    message: "'{start}' to '{end}' is not a reported window: {reason}.",
    cause:
      "A reported window starts and ends on whole hours in UTC, ends after it starts, and lies between 2015 and 2100.",
    remedy: ["Use the reportedStartTime and reportedEndTime of the request that read the page."],
    provoke: "Import a page with a window that ends before it starts.",
  },
  UsageBodyEmpty: {
    message: "The body is empty.",
    cause: "No byte of usage arrived; perhaps the file is empty or the upload broke off at once.",
    remedy: ["Check the file or the sender, and send it again."],
    provoke: "Import an empty file.",
  },
  UsageBodyIsHtml: {
    message: "The body is an HTML page, not usage.",
    cause: "A proxy or a sign-in page answered in the stamp's place.",
    remedy: ["Open the address in a browser to see which page it is, fix the access, and read the window again."],
    provoke: "Import an HTML file.",
  },
  UsageBodyIsError: {
    message: "The body is an error answer of the stamp ({code}), not usage.",
    cause: "The stamp refused the request or timed out; the answer was saved as if it were a page.",
    remedy: ["Read the window again; when the stamp times out, ask for one subscription at a time with subscriberId."],
    provoke: "Import the body of a 504 answer.",
  },
  UsageBodyNotPage: {
    message: "The body is not a usage page: a JSON object with a 'value' array is expected.",
    cause: "It is other JSON, or no JSON at all.",
    remedy: ["Send the stamp's answer unchanged as application/json, or one record a line as application/x-ndjson."],
    provoke: "Import a file that holds [1,2].",
  },
  UsageBodyNotArray: {
    message: "The body is not a batch of CloudEvents: a JSON array is expected.",
    cause: "The content-type says application/cloudevents-batch+json, and the body begins with something else.",
    remedy: [
      "Put the events into an array, send one event as application/cloudevents+json, or one a line as application/x-ndjson.",
    ],
    provoke: "Send a single event as application/cloudevents-batch+json.",
  },
  UsageBodyMalformed: {
    message: "The body is not JSON from byte {at} on, after record {record}: '{found}' does not belong there.",
    cause:
      "A comma between two records is missing or doubled, a bracket does not match, the list of records comes twice, or something follows the end.",
    remedy: [
      "Correct the body at that byte and send all of it again: the records before it are kept and will be recognised as duplicates.",
      "Send several pages one by one; a body holds one.",
    ],
    provoke: 'Import a page that holds {"value":[{},,{}]}.',
  },
  UsageBodyNotUtf8: {
    message: "The body is not UTF-8 text.",
    cause: "It looks like UTF-16 or binary data; Windows PowerShell writes UTF-16 unless told otherwise.",
    remedy: ["Save the file as UTF-8, for example with Out-File -Encoding utf8."],
    provoke: "Import a page saved as UTF-16.",
  },
  UsageBodyTruncated: {
    message: "The body ends in the middle, after {bytes} bytes.",
    cause: "The connection broke or the disk was full while the page was saved.",
    remedy: ["Send the whole page again: the records before the cut are kept and will be recognised as duplicates."],
    provoke: "Import the first half of a page.",
  },
  UsageBodyEncodingBroken: {
    message: "The body cannot be decompressed as '{encoding}'.",
    cause:
      "The content-encoding header and the bytes do not match, the compressed data is damaged or breaks off, something that is not compressed follows it, or it has more than {framesMax} frames.",
    remedy: [
      "Send gzip data with content-encoding: gzip, zstd data with content-encoding: zstd, and plain data without the header.",
    ],
    provoke: "Rename a text file to usage.ndjson.gz and import it.",
  },
  UsageBodyTooLarge: {
    message: "The body is larger than {bytesMax} bytes once it is decompressed.",
    cause: "One request is one batch, and a batch has a limit.",
    remedy: ["Send the rest in further requests: the records before the limit are kept."],
    provoke: "Send a gzip bomb.",
  },
  RecordTooLarge: {
    message: "The record is larger than {bytesMax} bytes.",
    cause: "A usage record has about 900 bytes; this is not one.",
    remedy: ["Look at the position in the file; if the record is real, shorten its tags."],
    provoke: "Send a record with a tag of 10 MB.",
  },
  RecordTooDeep: {
    message: "The record nests deeper than {levelsMax} levels.",
    cause: "A usage record nests two levels; this is not one.",
    remedy: ["Look at the position in the file and remove the record."],
    provoke: "Send a million opening brackets.",
  },
  RecordNotUtf8: {
    message: "The record is not UTF-8 text.",
    cause: "A byte of the record belongs to another encoding.",
    remedy: ["Save the file as UTF-8 and send it again; the other records are duplicates then."],
    provoke: "Put the byte FF into a record.",
  },
  RecordTruncated: {
    message: "The record ends in the middle.",
    cause: "The body broke off inside this record.",
    remedy: ["Send the whole page again; the other records are duplicates then."],
    provoke: "Import the first half of a page.",
  },
  RecordNotJson: {
    message: "The record is not a JSON object: {reason}.",
    cause: "The text at this position is not JSON (NaN and Infinity are not), or is no object.",
    remedy: ["Correct the record at this position and send it again."],
    provoke: "Send a record with the quantity NaN.",
  },
  RecordPropertyMissing: {
    message: "The record has no '{property}'.",
    cause: "Without it nobody can say what was used, when, or by whom.",
    remedy: ["Send the record as the stamp returned it, or the event as docs/concepts/events.md describes it."],
    provoke: "Send a record without meterId.",
  },
  RecordPropertyInvalid: {
    message: "The record's '{property}' is '{value}', which is not {expected}.",
    cause: "The value is of another form than stamps send, or than an event has.",
    remedy: ["Send the record as the stamp returned it, or the event as docs/concepts/events.md describes it."],
    provoke: "Send a record whose subscriptionId is 'abc'.",
  },
  EventVersionUnsupported: {
    message: "The event has specversion '{version}'; 1.0 is read.",
    cause: "Attributes of another version of CloudEvents may mean other things.",
    remedy: ['Send events of CloudEvents 1.0, with "specversion": "1.0".'],
    provoke: 'Send an event with "specversion": "0.3".',
  },
  EventTypeUnsupported: {
    message: "The event has type '{type}'; usage has type {supported}.",
    cause: "The type says what is in the data, and only of this one is that known.",
    remedy: [
      "If the event is usage, give it the type {supported} and the data that docs/concepts/events.md describes.",
      "If it is something else, do not send it here.",
    ],
    provoke: "Send an event of type com.example.started.",
  },
  EventAttributeNameInvalid: {
    message: "The event has an attribute '{name}', and no attribute may be called so.",
    cause: "CloudEvents 1.0 names attributes with the letters a to z in lower case and digits only.",
    remedy: ["Rename the attribute, or put what it says into the data."],
    provoke: 'Send an event with the attribute "trace-id".',
  },
  EventDataUnsupported: {
    message: "The event's data comes as '{found}'; a JSON object in 'data' is read.",
    cause: "Its datacontenttype is no JSON, or it is in data_base64.",
    remedy: ["Put the usage as a JSON object into 'data', and leave datacontenttype out or say application/json."],
    provoke: "Send an event with data_base64.",
  },
  QuantityNotANumber: {
    message: "The quantity is {value}, not a number.",
    cause: "A Hub's quantity is a JSON number; an event's may also be a decimal number in quotes, written as in JSON.",
    remedy: ["Send the quantity as a JSON number, with a point and without quotes."],
    provoke: 'Send a record with the quantity "24,10".',
  },
  QuantityNegative: {
    message: "The quantity {value} is negative.",
    cause: "Usage is never taken back by a negative record.",
    remedy: ["Send the quantity that was used: 0 or more."],
    provoke: "Send a record with the quantity -1.",
  },
  QuantityTooManyDigits: {
    message:
      "The quantity {value} has more than {wholeMax} digits before or {decimalsMax} after the point, or is written with far too many.",
    cause: "Quantities are stored exactly, and these are the digits that are stored.",
    remedy: ["Check the sender; no meter of a stamp counts so finely or so high."],
    provoke: "Send a record with a quantity of 40 digits.",
  },
  UsageTimeReversed: {
    message: "The usage ends at {end}, not after its start at {start}.",
    cause: "A usage hour ends one hour after it starts.",
    remedy: ["Send the record as the stamp returned it, or correct the times where the record is made."],
    provoke: "Send a record whose end lies before its start.",
  },
  UsageTimeNotOneHour: {
    message: "The usage from {start} to {end} is not one hour.",
    cause: "Daily rows cannot be attributed by the hour, and counted beside hourly rows they would count twice.",
    remedy: [
      "From a stamp, read the window again with aggregationGranularity=Hourly; elsewhere, make one record for each hour.",
    ],
    provoke: "Send a record of a whole day.",
  },
  UsageTimeNotAligned: {
    message: "The usage starts at {start}, not on a whole hour in UTC.",
    cause: "An hour has exactly one payer, so usage comes in whole hours.",
    remedy: ["Send the record as the stamp returned it, or cut the usage into whole hours where the record is made."],
    provoke: "Send a record that starts at 10:20.",
  },
  UsageTimeInFuture: {
    message: "The usage ends, or was reported, at {end}, after now ({now}).",
    cause: "The sender's clock is ahead, or the record is made up.",
    remedy: ["Check the clocks of the stamp and of this server, then send the record again."],
    provoke: "Send a record of tomorrow.",
  },
  UsageTimeTooOld: {
    message: "The usage starts at {start}, before {earliest}.",
    cause: "No stamp existed then; the date is mistyped.",
    remedy: ["Send the record as the stamp returned it."],
    provoke: "Send a record of the year 1999.",
  },

  CatalogueSubscriptionNotFound: {
    message: "Subscription '{subscription}' is not in the partner catalogue.",
    cause: "Nobody has put it there, or it was taken out.",
    remedy: [
      "Look for the right id: stampbook catalogue list",
      "Add it: stampbook catalogue put {subscription} --offer-type CSP --partner PARTNER",
    ],
    provoke: "Show a subscription that the partner catalogue does not have.",
  },
  CatalogueFileUnreadable: {
    message: "The catalogue file cannot be read: {reason}.",
    cause: "A catalogue file is CSV with a header, or NDJSON with a subscription a line; both in UTF-8.",
    remedy: ["Save the file as CSV in UTF-8, with commas between the values, and import it again."],
    provoke: "Import an empty file.",
  },
  CatalogueColumnUnknown: {
    message: "'{column}' is no column of the partner catalogue. Its columns are {columns}.",
    cause: "A column that nobody reads would be lost in silence, so it is refused.",
    remedy: [
      "Correct the name; commas separate the columns, and case does not count.",
      "Or leave the column out of the file.",
    ],
    provoke: "Import a CSV file whose header has a column 'colour'.",
  },
  CatalogueColumnMissing: {
    message: "The header has no column '{column}'. The columns are {columns}.",
    cause: "A subscription is known by subscription, offerType and partner at least.",
    remedy: ["Add the column to the header, and its value to every row."],
    provoke: "Import a CSV file without the column 'partner'.",
  },
  CatalogueRowUnreadable: {
    message: "The row cannot be read: {reason}.",
    cause: "Each row is a record of CSV with as many values as the header has columns, or one JSON object.",
    remedy: ["Correct the row and import the file again; rows that are already in the catalogue stay unchanged."],
    provoke: "Import a CSV file in which a row has a value too many.",
  },
  CatalogueRowInvalid: {
    message: "Column '{column}' is '{value}': {reason}.",
    cause: "The value is not one that this column takes.",
    remedy: ["Correct the value and import the file again; rows that are already in the catalogue stay unchanged."],
    provoke: "Import a row whose offerType is 'Gold'.",
  },
  ApprovalReasonMissing: {
    message: "To {action} the multi-tenancy of registration '{registration}' a reason is needed.",
    cause: "Whoever asked has to learn why they may not map tenants, and the history keeps it.",
    remedy: ["Say why: stampbook approvals {action} {registration} --reason TEXT"],
    provoke: "Deny a requested approval without a reason.",
  },

  UsageBatchNotFound: {
    message: "There is no batch {batch}.",
    cause: "The number is mistyped. Each delivery of usage, each withdrawal and each choice has a number of its own.",
    remedy: ["List the batches: stampbook usage batches list"],
    provoke: "Show batch 999999.",
  },
  UsageBatchNotWithdrawable: {
    message: "Batch {batch} is no delivery that has ended: {state}.",
    cause: "Only a delivery of usage that has ended can be withdrawn, as a whole.",
    remedy: [
      "Wait until the delivery has ended, then withdraw it.",
      "To take a withdrawal back, send the records again: they count then.",
      "To take a choice back, withdraw the delivery that brought the version that was chosen.",
    ],
    provoke: "Withdraw a withdrawal.",
  },
  ConflictNotFound: {
    message: "No version of record '{record}' waits for a choice.",
    cause: "The record is not known, or the choice was made already.",
    remedy: ["List what waits: stampbook usage conflicts list"],
    provoke: "Choose a version of a record that has only one.",
  },
  VersionNotFound: {
    message: "Record '{record}' has no version '{content}'; it has {versions}.",
    cause: "The version is mistyped, or its delivery was withdrawn.",
    remedy: ["List the versions: stampbook usage conflicts list", "Choose one of them by its content digest."],
    provoke: "Choose the version 0000000000000000 of a conflict.",
  },
  UsageReasonMissing: {
    message: "A reason is needed.",
    cause: "A decision about stored usage is kept for ever, and whoever reads it later asks why.",
    remedy: ["Say why, with --reason TEXT or in the member reason."],
    provoke: "Withdraw a batch without a reason.",
  },
  UsageRecordNotFound: {
    message: "No usage record like that was stored by {asOf}.",
    cause: "Batch and position, or local subscription, meter, hour and resource, name no record of this registration.",
    remedy: [
      "Check the hour: it is the usage hour, in UTC, not the hour in which the stamp reported it.",
      "See what was delivered: stampbook usage batches list",
    ],
    provoke: "Explain position 999 of a batch of ten records.",
  },
  MeterIsBuiltIn: {
    message: "Meter '{meter}' is one that Stampbook knows from the start; it cannot be added or changed.",
    cause: "What such a meter counts is fixed by the stamp's software. How it is priced can be decided.",
    remedy: [
      "See what is known of it: stampbook meters list",
      "To price it by way of another meter: stampbook meters map {meter} COMMERCE-METER --reason REASON",
    ],
    provoke: "Add the meter fab6eb84-500b-4a09-a8ca-7358f8bbaea5.",
  },
  OperatorMetersTooMany: {
    message: "{max} meters were added already; no further one can be.",
    cause: "All meters are held in memory to judge each record.",
    remedy: [
      "See which were added: stampbook meters list",
      "Change one that is not used any more instead of adding another.",
    ],
    provoke: "Add one meter more than the limit operatorMetersMax.",
  },
  ConversionFactorInvalid: {
    message: "'{factor}' is no conversion factor.",
    cause:
      "A factor says exactly how many units of the commerce meter one unit of the meter is: a number above zero, or a ratio of two.",
    remedy: [
      "Write it like 2, 0.5 or 1/1073741824. Bytes to GiB, for example, is 1/1073741824.",
      "Where both meters have the same unit, leave it out.",
    ],
    provoke: "Map a meter with the factor 0.",
  },

  PeriodInvalid: {
    message: "'{period}' is not a billing period.",
    cause: "A billing period is a calendar month in UTC, written as 2024-02.",
    remedy: ["Write the year and the month, as in 2024-02."],
    provoke: "Ask for the statements of '2024-13'.",
  },
  FxRateMissing: {
    message: "Nobody has fixed what {from} is worth in {to} in this period.",
    cause: "The payer is billed in another currency than its price sheet has, and the period has no rate.",
    remedy: ["Fix the rate, then make the statements again: stampbook prices fx"],
    provoke: "Bill a customer in EUR by a sheet in USD, and make the statements of a month without a rate.",
  },
  CapacityCoresUnknown: {
    message: "How many cores the stamp '{registration}' has is not known, so its capacity cannot be priced.",
    cause: "The registration token has no hardware list, or one that does not tell the cores of each host.",
    remedy: ["Register the stamp again with a token that lists its hosts with numCores."],
    provoke: "Register a stamp as Capacity with a token without hardwareInfo, and make statements.",
  },
  CapacityPackageMissing: {
    message: "The price sheet '{sheet}' has no package for stamps that are billed by their capacity.",
    cause: "A stamp is billed by its capacity, and the sheet that prices it knows only prices of meters.",
    remedy: ["Publish a version of the sheet that has a capacity package, or assign another sheet."],
    provoke: "Assign a sheet without packages to a Capacity stamp, and make statements.",
  },
  StatementRunNotFound: {
    message: "There are no statements for {period} yet.",
    cause: "No statement run was made for this billing period.",
    remedy: ["Make them: stampbook statements run {period}"],
    provoke: "List the statements of a period before running it.",
  },
  StatementNotFound: {
    message: "There is no statement '{number}'.",
    cause: "The number is mistyped, or a newer run of the period replaced the draft.",
    remedy: ["List the statements of the period: stampbook statements list PERIOD"],
    provoke: "Show the statement 'X'.",
  },
  StatementLineNotFound: {
    message: "Statement '{number}' has no line {line}; it has {lines}.",
    cause: "The line number is outside the statement.",
    remedy: ["Show the lines: stampbook statements show {number}"],
    provoke: "Explain line 0 of a statement.",
  },
  PeriodNotEnded: {
    message: "{period} has not ended yet.",
    cause: "Usage of its hours may still come: a period is closed after its last hour.",
    remedy: ["Look at the drafts: stampbook statements run {period}", "Close it when it has ended."],
    provoke: "Close the period that is running.",
  },
  PeriodPartnerUnknown: {
    message: "'{partner}' has nothing to close in {period}: no payer's bill goes to it.",
    cause: "Periods are closed for the billing partner of the catalogue: its provider, or else its partner.",
    remedy: ["See the partners of the period: stampbook periods show {period}"],
    provoke: "Close a period for a partner that is not in the catalogue.",
  },
  CheckUnknown: {
    message: "'{check}' is no check.",
    cause: "Only a check by its name can be accepted.",
    remedy: ["The checks are: {checks}."],
    provoke: "Close a period and accept the check 'luck'.",
  },
  CheckNotAcceptable: {
    message: "The check '{check}' cannot be accepted.",
    cause: "Usage would be missing from the statements, and nobody could tell whose.",
    remedy: ["Keep the data folder as it is and report the defect."],
    provoke: "Close a period and accept 'conservation'.",
  },
  AcceptanceReasonMissing: {
    message: "A reason is needed to accept '{check}'.",
    cause: "It is kept with the close, so that everybody can see later why it was done.",
    remedy: ["Say why: --accept {check} --reason TEXT"],
    provoke: "Close a period and accept a check with an empty reason.",
  },
  CloseChecksFailed: {
    message: "{period} is not closed for {partner}; checks that did not pass: {checks}.",
    cause: "Something would be missing from the statements, or has not been looked at by anybody.",
    remedy: [
      "See what was found and what to do: stampbook periods check {period} {partner}",
      "Or go on in spite of it: stampbook periods close {period} {partner} --accept CHECK --reason TEXT",
    ],
    provoke: "Close a period while usage of it is parked.",
  },
  PeriodNotClosed: {
    message: "{period} is not closed for '{partner}'.",
    cause: "Only what is closed is corrected and verified; drafts are made anew by each run.",
    remedy: [
      "See how far it is: stampbook periods show {period}",
      "Make its drafts: stampbook statements run {period}",
    ],
    provoke: "Preview corrections of a period that is not closed.",
  },
  CorrectionReasonMissing: {
    message: "A reason is needed to issue corrections.",
    cause: "It stands on every correction, so that its reader learns why it comes.",
    remedy: ["Say why: stampbook corrections issue PERIOD PARTNER --reason TEXT"],
    provoke: "Issue corrections with an empty reason.",
  },
  CorrectionNotFound: {
    message: "There is no correction '{number}'.",
    cause: "The number is wrong, or it is that of a statement.",
    remedy: ["List corrections: stampbook corrections list", "Show a statement: stampbook statements show {number}"],
    provoke: "Show a correction that does not exist.",
  },

  PriceSheetNotFound: {
    message: "There is no price sheet '{sheet}'.",
    cause: "Nobody has imported a version of a sheet with this name; names compare letter by letter.",
    remedy: ["Look for the right name: stampbook prices sheets", "Make it: stampbook prices import {sheet} FILE"],
    provoke: "List the versions of a price sheet that nobody has made.",
  },
  PriceVersionNotFound: {
    message: "Price sheet '{sheet}' has no version {version}.",
    cause: "Versions count from 1, and a draft that was discarded is gone.",
    remedy: ["Look for the right version: stampbook prices versions {sheet}"],
    provoke: "Show version 99 of a price sheet.",
  },
  PriceDraftNotFound: {
    message: "Price sheet '{sheet}' has no draft.",
    cause: "A sheet has one draft at most; publishing it makes it a version that never changes.",
    remedy: [
      "Import the prices first: stampbook prices import {sheet} FILE",
      "See what is there: stampbook prices versions {sheet}",
    ],
    provoke: "Publish a price sheet twice.",
  },
  PriceNotFound: {
    message: "Version {version} of price sheet '{sheet}' has no price for meter '{commerceMeter}'.",
    cause: "Prices are found by commerce meter, and a price for a region by its region too.",
    remedy: ["See what it has: stampbook prices show {sheet} {version}"],
    provoke: "Confirm the price of a meter that the version does not price.",
  },
  PriceSheetIsBuiltIn: {
    message: "Price sheet '{sheet}' is built in and cannot be changed.",
    cause: "It counts wherever nothing is assigned, and has to be the same everywhere.",
    remedy: [
      "Take its prices into a sheet of your own: stampbook prices export {sheet} 1 > prices.csv",
      "Then: stampbook prices import NAME prices.csv",
    ],
    provoke: "Import prices into the built-in sheet.",
  },
  PriceSheetsTooMany: {
    message: "There can be {max} {what} at most.",
    cause: "All published prices are held in memory while usage is priced.",
    remedy: [
      "Discard drafts that nobody needs: stampbook prices discard SHEET",
      "Use a sheet for several parties: stampbook prices assign",
    ],
    provoke: "Import into one price sheet more than the limit tells.",
  },
  PriceVersionHourTaken: {
    message: "Version {version} of price sheet '{sheet}' counts from {from} already.",
    cause: "Of two versions for one hour nobody could say which one counts, and a published version never changes.",
    remedy: [
      "Publish from another hour: stampbook prices publish {sheet} --from TIME",
      "See what is there: stampbook prices versions {sheet}",
    ],
    provoke: "Publish two versions of a sheet from the same hour.",
  },
  PriceCurrencyChanged: {
    message: "Price sheet '{sheet}' is in {before} since version {version}, and this would be in {after}.",
    cause:
      "Versions of a sheet share tiers, minimums and mark-ups in one period, and amounts of two currencies do not add up.",
    remedy: [
      "Put prices in another currency into a sheet of its own: stampbook prices import OTHER-SHEET FILE",
      "Assign that sheet from an hour on: stampbook prices assign OTHER-SHEET --from TIME",
      "To be paid in another currency, keep the sheet and its currency: stampbook prices assign {sheet} --currency {after}",
    ],
    provoke: "Publish a price sheet in USD, then import the next version in EUR.",
  },
  PriceChangeInClosedPeriod: {
    message: "{from} lies in {period}, which is closed.",
    cause: "Statements of a closed period never change; a price proven wrong there is put right by corrections.",
    remedy: [
      "Let it count from an open period: --from TIME",
      "If the price was wrong in the closed period, say so: --correction --reason TEXT",
    ],
    provoke: "Publish a version from an hour of a closed period.",
  },
  PriceSheetNotInForce: {
    message: "Price sheet '{sheet}' has no version that counts at {from}.",
    cause: "Usage before the first version of a sheet would have no price.",
    remedy: [
      "Publish a version that counts by then: stampbook prices publish {sheet} --from TIME",
      "Or assign it from a later hour.",
    ],
    provoke: "Assign a price sheet that has only a draft.",
  },
  FxRateInUse: {
    message: "The rate from {from} to {to} in {period} is {rate} and cannot change any more.",
    cause: "The period is closed, and its statements were made with this rate.",
    remedy: ["Give a rate for an open period: stampbook prices fx set PERIOD {from} {to} RATE"],
    provoke: "Set a rate for a closed period.",
  },
  CurrencyUnknown: {
    message: "'{currency}' is no currency.",
    cause: "Currencies are three letters as ISO 4217 lists them.",
    remedy: ["Give a code such as USD, EUR or CNY."],
    provoke: "Import a price with the currency 'XQZ'.",
  },
  PriceFileUnreadable: {
    message: "The price file cannot be read: {reason}.",
    cause:
      "A price file is CSV with a header, or JSON: a version as Stampbook exports it, or a rate card. All in UTF-8.",
    remedy: [
      "Save the file as CSV in UTF-8, with commas between the values, and import it again.",
      "To see what one looks like: stampbook prices export default-2019-12 1",
    ],
    provoke: "Import an empty file.",
  },
  PriceFileInvalid: {
    message: "{rows} rows of the price file are wrong; nothing of it was kept.",
    cause: "A version is imported as a whole, so that no price is missing without anybody knowing.",
    remedy: ["Correct the rows that are listed, and import the file again."],
    provoke: "Import a file in which a row has a negative price.",
  },
  PriceColumnUnknown: {
    message: "'{column}' is no column of a price file. Its columns are {columns}.",
    cause: "A column that nobody reads would be lost in silence, so it is refused.",
    remedy: [
      "Correct the name; commas separate the columns, and case does not count.",
      "Or leave the column out of the file.",
    ],
    provoke: "Import a price file whose header has a column 'colour'.",
  },
  PriceColumnMissing: {
    message: "The header has no column '{column}'. The columns are {columns}.",
    cause: "A price is known by meter and unitPrice at least.",
    remedy: ["Add the column to the header, and its value to every row."],
    provoke: "Import a price file without the column 'unitPrice'.",
  },
  PriceRowUnreadable: {
    message: "The row cannot be read: {reason}.",
    cause: "Each row is a record of CSV with as many values as the header has columns, or one JSON object.",
    remedy: ["Correct the row and import the file again."],
    provoke: "Import a price file in which a row has a value too many.",
  },
  PriceRowInvalid: {
    message: "Column '{column}' is '{value}': {reason}.",
    cause: "The value is not one that this column takes.",
    remedy: ["Correct the value and import the file again."],
    provoke: "Import a price whose model is 'Gold'.",
  },
  PriceRowTwice: {
    message: "'{meter}' has this row already: row {first}.",
    cause: "Of two rows for the same nobody could say which one counts.",
    remedy: ["Take one of the two rows out of the file and import it again."],
    provoke: "Import a price file with a row twice.",
  },
  PriceMeterUnknown: {
    message: "Nobody knows meter '{meter}'.",
    cause: "A price for a mistyped meter would never be used, and the usage would wait.",
    remedy: [
      "Correct the id: stampbook meters list shows those that are known.",
      "Add a meter of your own first: stampbook meters add {meter} --name NAME --reason TEXT",
      "Or add a row of kind mapping that says which meter it prices.",
    ],
    provoke: "Import a price for a meter that nobody has told of.",
  },
  PriceTiersInvalid: {
    message: "The tiers of meter '{meter}' leave open what its usage costs: {reason}.",
    cause: "Tiers start at 0, ascend, and each ends where the next one starts; the last one has no end.",
    remedy: ["Correct tierFrom and tierTo of the meter's rows; tierTo may be left out. Then import the file again."],
    provoke: "Import a price whose second tier starts after the end of the first.",
  },
  PriceNumberInvalid: {
    message: "'{value}' in '{column}' is no number that can stand there.",
    cause: "Numbers are plain or with an exponent, with a point before the decimals: 0.008 or 8E-3. Sizes are above 0.",
    remedy: ["Write the number with a point and without separators of thousands."],
    provoke: "Import a price of '0,008'.",
  },
  PriceNegative: {
    message: "'{value}' in '{column}' is below 0.",
    cause: "More usage may never cost less. What is given back is a credit.",
    remedy: ["Correct the number.", "To give something back: stampbook prices assign --credit PERCENT"],
    provoke: "Import a price of '-1'.",
  },
  PriceTooManyDigits: {
    message: "'{value}' in '{column}' has more digits than can be computed with exactly.",
    cause: "A number has {wholeMax} digits before its point and {decimalsMax} after it at most.",
    remedy: ["Shorten the number; nothing is rounded in silence."],
    provoke: "Import a price of 40 digits.",
  },

  ReconciliationFileUnreadable: {
    message: "The file to compare with cannot be read: {reason}.",
    cause: "A statement is compared with CSV in UTF-8, with a header and commas between the values.",
    remedy: ["Save the file as CSV in UTF-8, with commas between the values, and compare again."],
    provoke: "Compare a statement with an empty file.",
  },
  ReconciliationFileInvalid: {
    message: "{rows} rows of the file to compare with are wrong; nothing was compared.",
    cause: "A row that is left out would look like usage that is missing, so all rows are read or none.",
    remedy: ["Correct the rows that are listed, and compare again."],
    provoke: "Compare a statement with a file in which a quantity is '1,5'.",
  },
  ReconciliationColumnMissing: {
    message: "The file has no column for '{column}'. Its columns are {columns}.",
    cause: "A payer, a meter, and a quantity or an amount are needed. Only files of known shapes have known columns.",
    remedy: [
      "Say which column it is: --column payer=SubscriptionId, or all of them in a JSON file: --columns MAP.json",
      "The names that can be given: payer, stamp, meter, localMeter, meterName, day, eventTime, additionalInfo, quantity, localQuantity, unitPrice, amount, currency.",
    ],
    provoke: "Compare a statement with a file that has only a column 'x'.",
  },
  ReconciliationRowUnreadable: {
    message: "The row cannot be read: {reason}.",
    cause: "Each row is a record of CSV with as many values as the header has columns.",
    remedy: ["Correct the row, or take it out where it is no row of usage, such as a total; and compare again."],
    provoke: "Compare a statement with a file in which a row has a value too many.",
  },
  ReconciliationValueInvalid: {
    message: "Column '{column}' is '{value}': {reason}.",
    cause: "Without this value nobody can say what the row belongs to.",
    remedy: ["Correct the value, or take the row out where it is no row of usage; and compare again."],
    provoke: "Compare a statement with a file in which a date is 31/12/2024.",
  },
  ReconciliationTooLarge: {
    message: "There is more to compare than {cellsMax} sums of a payer, stamp, meter and day.",
    cause: "Both sides are held in memory while they are compared.",
    remedy: [
      "Compare a part: --payer SUBSCRIPTION makes both sides smaller, --partner NAME only ours",
      "Or leave the days out, where sums of the period are enough: --column day=",
    ],
    provoke: "Compare a month of 50,000 payers day by day.",
  },

  PeriodArchived: {
    message: "Usage of {period} is archived.",
    cause:
      "A month that is archived is settled: its statements stay as they are, and usage of it that comes later is kept and never counted.",
    remedy: [
      "If somebody must be charged or credited for it, do that in a period that is still open.",
      "See which months are archived: stampbook usage archives list",
      "Usage that came by mistake can be taken back with its batch: stampbook usage batches withdraw BATCH --reason TEXT",
    ],
    provoke: "Run the statements of a month after archiving it.",
  },
  UsageArchived: {
    message: "Some of it is archived, in {months}.",
    cause: "A delivery is withdrawn as a whole, and entries that are archived do not change any more.",
    remedy: [
      "See which months are archived: stampbook usage archives list",
      "Send the rest anew as it should be, or settle the difference in a period that is still open.",
    ],
    provoke: "Withdraw a batch with usage of a month that is archived.",
  },
  MonthNotArchivable: {
    message: "{month} cannot be archived now: {why}.",
    cause:
      "Months are archived in their order. Retention: it is younger than usageRetentionMonths. PeriodOpen: it has not ended, or some of its usage is on no run of statements. PeriodCorrectable: it may be corrected for correctableMonths. BatchRunning: a delivery or a decision is not finished. UsageRecent: usage of it came in only lately.",
    remedy: [
      "See what holds each month: stampbook usage archive --dry-run",
      "For PeriodOpen make its statements: stampbook statements run {month}",
      "For BatchRunning wait for the delivery, or repeat the decision that was broken off.",
    ],
    provoke: "Archive the month that is running.",
  },
  ArchiveNotFound: {
    message: "There is no archive of {month}.",
    cause: "The month is mistyped, had no usage, or is still in the usage store.",
    remedy: ["See which months are archived: stampbook usage archives list"],
    provoke: "Verify the archive of 2015-01.",
  },
  ArchiveDamaged: {
    message: "The archive of {month} cannot be used: {reason}.",
    cause: "The file {file} is not as it was written, and an answer from it could be wrong.",
    remedy: [
      "Put the file back from a backup, under the same name.",
      "Compare it then: stampbook usage archives verify {month}",
    ],
    provoke: "Change a byte of an archive and explain a statement line of its month.",
  },
  ArchiveUnequal: {
    message: "The archive of {month} does not hold what the usage store holds.",
    cause: "{file} was read back and compared before anything is dropped. Nothing was dropped.",
    remedy: [
      "Try again: stampbook usage archive --month {month}",
      "If it stays so, have disk and memory of the machine checked, and keep the file.",
    ],
    provoke: "Change the numbers of a written file before it is compared.",
  },
  ArchiveFolderUnusable: {
    message: "The archive folder cannot be used: {reason}.",
    cause: "It cannot be created or written. Nothing was dropped.",
    remedy: [
      "Check the folder's owner, permissions and free space.",
      "Or use another folder, with the archives that are there moved to it: --archive-folder FOLDER",
    ],
    provoke: "Set archiveFolder to a path below a file and archive a month.",
  },

  UsageEngineUnavailable: {
    message: "The usage store cannot answer now: {reason}.",
    cause: "The engine that keeps the usage stopped, is starting, or refused the work.",
    remedy: [
      "Send the whole again in some seconds: what was stored already is recognised as a duplicate.",
      "If it stays so, see /readyz and the log.",
    ],
    provoke: "Kill the usage engine's process while an import runs.",
  },
  ControlStoreUnavailable: {
    message: "The control store cannot do that now: {reason}.",
    cause: "The disk of the data folder is full or read-only, or the file of the control store is broken.",
    remedy: [
      "Nothing of the request was recorded, except usage that was stored already: sent again, it is a duplicate.",
      "Whoever runs the server sees in /readyz what is wrong and what to do.",
    ],
    provoke: "Fill the disk of the data folder, and register a stamp.",
  },
  DataFolderInUse: {
    message: "The data folder '{folder}' is in use by process {holder}.",
    cause: "One process owns a data folder, so that nothing is counted twice.",
    remedy: [
      "Stop that process, or talk to it: commands reach a running server by themselves, or with --server URL.",
      "Or use another folder: --data-folder FOLDER",
    ],
    provoke: "Start the server twice on one folder.",
  },
  DataFolderUnusable: {
    message: "The data folder '{folder}' cannot be used: {reason}.",
    cause: "It cannot be created or written, or what is in it cannot be opened.",
    remedy: ["Check the folder's owner, permissions and free space, or use another: --data-folder FOLDER"],
    provoke: "Start the server with a data folder under /proc.",
  },
  SchemaTooNew: {
    message: "The data folder was written by a newer Stampbook (schema {found}); this one knows schema {known}.",
    cause: "An older program could misread what a newer one wrote.",
    remedy: ["Install the newer Stampbook again, or use another data folder."],
    provoke: "Open a data folder with an older release.",
  },
  SettingInvalid: {
    message: "'{value}' is not valid for the setting {setting}: {reason}.",
    cause: "A setting on the command line or in the environment cannot be understood.",
    remedy: ["See stampbook serve --help or docs/reference/settings.md for what it takes."],
    provoke: "Start the server with --listen-port x.",
  },
  FileUnreadable: {
    message: "The file '{file}' cannot be read: {reason}.",
    cause: "It is not there, is a folder, or may not be read.",
    remedy: ["Check the path and the permissions."],
    provoke: "Import a file that does not exist.",
  },
  ServerUnreachable: {
    message: "The server at {server} cannot be reached: {reason}.",
    cause: "It is not running, the address is wrong, or the connection broke.",
    remedy: ["Start it with stampbook serve, or correct --server."],
    provoke: "Use --server http://127.0.0.1:1",
  },
  BridgeConfigInvalid: {
    message: "The setting {setting} in '{file}' is not valid: {reason}.",
    cause: "A bridge starts only when every setting in its configuration and its credential files is understood.",
    remedy: ["See docs/reference/bridge-settings.md for what there is and what it takes."],
    provoke: "Run a bridge with a configuration that lists no stamp.",
  },
  CredentialFileExposed: {
    message: "Others than its owner may read or write '{file}': its mode is {mode}.",
    cause: "Whoever reads a credential can use it, so only its owner may.",
    remedy: ["Take the permissions away: chmod 600 {file}", "Where others may have read it, replace the credential."],
    provoke: "Run a bridge with a credential file of mode 0644.",
  },
  BridgeFolderInUse: {
    message: "Another process ({holder}) uses the bridge's folder '{folder}'.",
    cause: "Two bridges on one folder would overtake each other.",
    remedy: ["Stop the other one, or give this one a stateFolder of its own."],
    provoke: "Run a bridge twice with one configuration.",
  },
  BridgeFolderUnusable: {
    message: "The bridge's folder '{folder}' cannot be used: {reason}.",
    cause: "It cannot be created or written.",
    remedy: ["Check its owner, its permissions and the free space, or set another stateFolder."],
    provoke: "Set stateFolder to a path below a file.",
  },
  BridgeStateDamaged: {
    message: "What the bridge knows of a stamp is damaged: '{file}': {reason}.",
    cause:
      "A file was changed or removed by somebody else, or the disk lost it. The bridge never does it, not even when it is killed.",
    remedy: [
      "Bring the stamp's folder back from a backup.",
      "Or remove it and set startAt to the hour from which on the server misses usage: what it has already is a duplicate.",
    ],
    provoke: "Remove a file that waits in a stamp's folder and run the bridge.",
  },
  BundleInvalid: {
    message: "The bundle '{file}' cannot be taken: {reason}.",
    cause: "A bundle is taken as a whole, and only as its sender signed it. Nothing of this one was taken.",
    remedy: [
      "Copy the file once more.",
      "Or have it written again on the stamp's side: stampbook bridge export --again NUMBER",
    ],
    provoke: "Change a byte of a bundle and import it.",
  },
  BundleSenderUnknown: {
    message: "Nobody here trusts the sender of the bundle '{file}'. Its key is {sender}.",
    cause: "A bundle is believed only where its sender's key was compared and trusted before.",
    remedy: [
      "Compare the key with the one that stampbook bridge keys shows on the stamp's side, by another way than the bundle came.",
      "If it is the same: stampbook bridge trust --place FOLDER --registration REGISTRATION KEY",
    ],
    provoke: "Import a bundle into a new place.",
  },
  ReceiptInvalid: {
    message: "The receipt '{file}' cannot be taken: {reason}.",
    cause: "What was read is removed only when the other side has signed that it has it.",
    remedy: [
      "Copy the receipt once more.",
      "Or import the bundle again: that is harmless, and writes a receipt again.",
    ],
    provoke: "Change a receipt and take it back.",
  },
} as const satisfies Record<string, FaultText>;
