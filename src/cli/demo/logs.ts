/** The two logs of the story, written as the real products write them. */

/** Authority that mints the story's tokens. */
export const issuer = 'https://sso.example.com/realms/shop';

export interface Holder {
  readonly clientId: string;
  /** Subject of its tokens: the service account's id. */
  readonly subject: string;
}

export interface Jwt {
  readonly holder: Holder;
  readonly jti: string;
  readonly session: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface Call {
  readonly timeMs: number;
  readonly durationMs: number;
  readonly jwt: Jwt;
  readonly address: string;
  readonly agent: string;
  readonly authority: string;
  readonly path: string;
  readonly bytes: number;
  readonly requestId: string;
}

/** One line of Envoy's JSON access log, with the claims that its JWT filter verified. */
export function envoyLine(call: Call): string {
  const { jwt } = call;
  return JSON.stringify({
    start_time: new Date(call.timeMs).toISOString(), duration: call.durationMs, method: 'GET', path: call.path, protocol: 'HTTP/1.1',
    ':authority': call.authority, response_code: 200, response_code_details: 'via_upstream', response_flags: '-',
    bytes_sent: call.bytes, bytes_received: 0, downstream_remote_address: `${call.address}:${40_000 + (call.timeMs % 20_000)}`,
    'x-request-id': call.requestId, 'user-agent': call.agent,
    jwt_payload: {
      iss: issuer, sub: jwt.holder.subject, azp: jwt.holder.clientId, jti: jwt.jti,
      iat: Math.floor(jwt.issuedAtMs / 1000), exp: Math.floor(jwt.expiresAtMs / 1000), scope: 'orders:read',
    },
  });
}

/** One Keycloak event as its REST interface gives it: a service fetched a token. */
export function keycloakLogin(jwt: Jwt, id: string, address: string): string {
  return JSON.stringify({
    id, time: jwt.issuedAtMs, type: 'CLIENT_LOGIN', realmId: 'shop', clientId: jwt.holder.clientId, userId: jwt.holder.subject,
    sessionId: jwt.session, ipAddress: address,
    details: {
      token_id: jwt.jti, grant_type: 'client_credentials', scope: 'orders:read', client_auth_method: 'client-secret',
      username: `service-account-${jwt.holder.clientId}`,
    },
  });
}

/** One Keycloak event: a person was given a new password. */
export function keycloakPasswordReset(id: string, timeMs: number, userId: string, name: string, address: string): string {
  return JSON.stringify({
    id, time: timeMs, type: 'UPDATE_PASSWORD', realmId: 'shop', clientId: 'account-console', userId, sessionId: null, ipAddress: address,
    details: { auth_method: 'openid-connect', username: name },
  });
}
