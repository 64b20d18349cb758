/** Raw records as an Envoy gateway, a Keycloak realm and CloudTrail write them. */

export const issuer = 'https://login.example.org/realms/freight';

/** One access token, as its claims and the event that issued it tell. */
export interface AccessToken { readonly clientId: string; readonly subject: string; readonly jti: string; readonly session: string; readonly issuedMs: number; readonly expiresMs: number }

export interface Request {
  readonly startMs: number;
  readonly durationMs: number;
  readonly token: AccessToken;
  readonly address: string;
  readonly agent: string;
  readonly host: string;
  readonly path: string;
  /** As Envoy counts: all that was sent for this request so far. */
  readonly bytesSent: number;
  readonly requestId: string;
  readonly status?: number;
  /** For access logs that are flushed while a request runs. */
  readonly logType?: 'DownstreamPeriodic' | 'DownstreamEnd';
}

/** When the line was written: at the end of the request, or of the part of it. */
export const writtenMs = (request: Request): number => request.startMs + request.durationMs;

export function envoyRecord(request: Request): object {
  const { token } = request;
  return {
    start_time: new Date(request.startMs).toISOString(), ...(request.logType === undefined ? {} : { access_log_type: request.logType }),
    method: 'GET', path: request.path, protocol: 'HTTP/2', response_code: request.status ?? 200, response_flags: '-', response_code_details: 'via_upstream',
    bytes_received: 0, bytes_sent: request.bytesSent, duration: request.durationMs, 'x-request-id': request.requestId, ':authority': request.host,
    'user-agent': request.agent, downstream_remote_address: `${request.address}:${30_000 + (request.startMs % 30_000)}`,
    jwt_payload: {
      iss: issuer, sub: token.subject, azp: token.clientId, jti: token.jti, iat: Math.floor(token.issuedMs / 1000), exp: Math.floor(token.expiresMs / 1000), scope: 'rates',
    },
  };
}

/** A service fetched a token for its client credentials. */
export function keycloakIssue(token: AccessToken, address: string): object {
  return {
    id: `issue-${token.jti}`, time: token.issuedMs, type: 'CLIENT_LOGIN', realmId: 'freight', clientId: token.clientId, userId: token.subject, sessionId: token.session,
    ipAddress: address, details: { token_id: token.jti, grant_type: 'client_credentials', scope: 'rates', username: `service-account-${token.clientId}` },
  };
}

/** One call to AWS with an access key; CloudTrail names every record. */
export function cloudtrailRecord(id: string, timeMs: number, user: string, key: string, address: string, bytesOut: number): object {
  return {
    eventVersion: '1.08', eventID: id, eventTime: new Date(timeMs).toISOString().replace(/\.\d+Z/, 'Z'), eventName: 'GetObject', eventSource: 's3.amazonaws.com',
    eventType: 'AwsApiCall', eventCategory: 'Data', awsRegion: 'eu-central-1', sourceIPAddress: address, userAgent: 'aws-sdk-go-v2/1.30', recipientAccountId: '111122223333',
    userIdentity: { type: 'IAMUser', principalId: `AIDA${user.toUpperCase()}`, arn: `arn:aws:iam::111122223333:user/${user}`, accountId: '111122223333', accessKeyId: key, userName: user },
    requestParameters: { bucketName: 'freight-labels', key: 'labels/1.pdf' }, additionalEventData: { bytesTransferredOut: bytesOut },
  };
}
