import { emptyEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { path } from '../../paths.ts';
import { instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { describeAdmin } from './keycloak-admin.ts';
import { issuerOf, keycloakDetails, keycloakNames, type Found, type Name } from './keycloak-found.ts';
import { isEventLogger, keycloakLine, keycloakPairs } from './keycloak-line.ts';
import { describeUserEvent } from './keycloak-user.ts';

const id = 'keycloak.events';
const inner = (key: string) => path('details', key);

const each = <K extends string, T>(table: Readonly<Record<K, string>>, make: (key: string) => T): { readonly [name in K]: T } =>
  Object.fromEntries(Object.entries<string>(table).map(([name, key]) => [name, make(key)])) as { readonly [name in K]: T };

const restFields = {
  ...each(keycloakNames, (key) => path(key)), ...each(keycloakDetails, (key) => inner(key)), id: path('id'), time: path('time'),
};
const adminFields = {
  ...restFields, clientId: path('authDetails', 'clientId'), userId: path('authDetails', 'userId'),
  ipAddress: path('authDetails', 'ipAddress'), callerRealm: path('authDetails', 'realmId'),
};
const jsonLogFields = {
  time: path('timestamp'), logger: path('loggerName'), loggerClass: path('loggerClassName'), message: path('message'), level: path('level'),
  service: path('service.name'),
};
const lineFields = {
  ...each(keycloakNames, (key) => path(key)), ...each(keycloakDetails, (key) => path(key)), time: path('@time'), logger: path('@logger'),
};
const foundNames: readonly (readonly [Name, string])[] = Object.entries({ ...keycloakNames, ...keycloakDetails }) as [Name, string][];

function toEvent(found: Found, timeMs: number | null, eventId: string, context: NormalizeContext): Normalized {
  if (timeMs === null) return quarantine('no_time', 'A Keycloak event has no time.');
  const event = emptyEvent(id, timeMs);
  const realm = text(found.realmId);
  const issuer = issuerOf(realm, text(found.realmName), context);
  const address = parseAddress(text(found.ipAddress));
  const error = text(found.error);
  event.id = eventId;
  event.module = event.provider = 'keycloak';
  event.vantage = context.source.vantage ?? 'iam';
  event.organization = realm;
  event.outcome = error === null ? 'success' : 'failure';
  event.code = error;
  event.reason = error === null ? null : shortText(found.reason);
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.userId = text(found.userId);
  event.userName = text(found.userName);
  if (text(found.operationType) === null) describeUserEvent(event, found, issuer, context);
  else describeAdmin(event, found, issuer, context);
  return event;
}

function ofRest(values: Found & { readonly id: Value; readonly time: Value }, context: NormalizeContext): Normalized {
  return toEvent(values, instant(values.time) ?? context.envelopeTimeMs, text(values.id) ?? '', context);
}

function ofJsonLog(values: Values<typeof jsonLogFields>, context: NormalizeContext): Normalized {
  if (!isEventLogger(text(values.logger) ?? '')) return 'ignore';
  const pairs = keycloakPairs(text(values.message) ?? '');
  if (pairs === null) return quarantine('truncated', 'The event in the message ends within quotes.');
  const found = {} as { [K in Name]: Value };
  for (const [name, key] of foundNames) found[name] = pairs[key] ?? null;
  if (text(found.type) === null && text(found.operationType) === null) return 'ignore';
  return toEvent(found, instant(values.time, context.source.timezone) ?? context.envelopeTimeMs, '', context);
}

function ofLine(values: Values<typeof lineFields>, context: NormalizeContext): Normalized {
  if (text(values.type) === null && text(values.operationType) === null) return 'ignore';
  return toEvent(values, instant(values.time, context.source.timezone) ?? context.envelopeTimeMs, '', context);
}

function isDated(values: { readonly realmId: Value; readonly time: Value }): boolean {
  return values.realmId !== null && values.time !== null;
}

export const keycloakEvents = defineFormat({
  id,
  title: 'Keycloak events',
  describe: 'User and admin events of Keycloak (administration guide: Auditing and events), by REST or from its JSON or console log.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'Keycloak is the authenticator: a success is its verdict, an error its refusal. An error at introspection may concern who asked.',
    'Configure the issuer URLs of all its realms on the source, master included, so that a gateway\'s tokens are recognised; a realm without one is '
      + 'keycloak:<realm id>.',
    'Uses carry the session, not the token: they are joined by the issuance event, so all event types must be logged.',
    'Introspection is a call of the resource server, not of the token\'s holder. Keycloak logs no user agent and no sizes.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: restFields, normalize: ofRest,
      recognize: (values) => isDated(values) && text(values.type) !== null && values.operationType === null
        && (values.clientId !== null || values.ipAddress !== null || values.userId !== null),
    }),
    shape({
      kind: 'json', fields: adminFields, normalize: ofRest,
      recognize: (values) => isDated(values) && text(values.operationType) !== null
        && (values.callerRealm !== null || values.resourcePath !== null),
    }),
    shape({
      kind: 'json', fields: jsonLogFields, normalize: ofJsonLog,
      recognize: (values) => typeof values.logger === 'string' && values.loggerClass !== null && values.message !== null
        && values.level !== null && (values.service === 'keycloak' || values.logger.startsWith('org.keycloak')),
    }),
    shape({ kind: 'text', grammar: keycloakLine, fields: lineFields, recognize: (values) => values.logger !== null, normalize: ofLine }),
  ],
});
