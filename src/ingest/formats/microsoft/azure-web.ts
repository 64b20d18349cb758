/** What the access logs of Azure's gateways have in common. */
import type { TokenEvent } from '../../../model/event.ts';
import type { Json } from '../../paths.ts';
import { count, hostOnly, httpStatus, pathOnly, text } from '../../values.ts';
import type { SecretView, Value } from '../format.ts';
import { urlHost } from '../url.ts';
import { accessType, deniedType, outcomeOf, routeOf, webAccess, type Claims } from '../gateway.ts';

export interface WebCall {
  readonly method: Value;
  readonly url: Value;
  /** Where the URL has no host. */
  readonly host: Value;
  readonly status: Value;
  readonly bytes: Value;
  readonly agent: Value;
  readonly request: Value;
}

/** The request, its answer, and the route that it took. */
export function describeWeb(event: TokenEvent, call: WebCall): void {
  const url = text(call.url);
  event.category = webAccess;
  event.status = httpStatus(call.status);
  event.outcome = outcomeOf(event.status);
  event.type = event.outcome === 'failure' ? deniedType : accessType;
  event.method = text(call.method);
  event.requestId = text(call.request);
  event.userAgent = text(call.agent);
  event.urlPath = pathOnly(url);
  event.urlDomain = urlHost(url) ?? hostOnly(call.host);
  event.responseBytes = event.bytesOut = count(call.bytes);
  event.resourceId = routeOf(event.urlDomain, event.urlPath);
  event.resourceKind = event.resourceId === null ? null : 'route';
}

const absent: Record<string, unknown> = {};

/** Claims of a bearer token in a logged header: what the client says, until somebody checked it. */
export function claimsOfHeader(header: SecretView | null): Claims {
  const claims = header?.claims ?? absent;
  const scalar = (name: string): Value | undefined => {
    const value = claims[name];
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  };
  const list = (name: string): Json | undefined => claims[name] as Json | undefined;
  return {
    iss: scalar('iss'), sub: scalar('oid') ?? scalar('sub'), client: scalar('azp') ?? scalar('appid') ?? scalar('client_id'),
    jti: scalar('uti') ?? scalar('jti'), iat: scalar('iat'), exp: scalar('exp'), scope: scalar('scp') ?? list('scope'), aud: list('aud'), roles: list('roles'),
    boundTo: undefined,
  };
}
