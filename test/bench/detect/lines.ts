import { epochMs, type Call, type Deed, type Workload } from './calls.ts';

/** The call as its gateway or cloud logs it. `serial` tells records apart. */
export function lineOf(workload: Workload, call: Call, serial: number): string {
  switch (call.log) {
    case 'envoy.access': return JSON.stringify(envoy(workload, call, serial));
    case 'aws.cloudtrail': return JSON.stringify(cloudTrail(workload, call, serial));
    case 'kong.http_log': return JSON.stringify(kong(workload, call, serial));
    case 'issuer': return JSON.stringify(issuance(workload, call));
  }
}

const unique = (serial: number): string => `7e57ab1e-0000-4000-8000-${String(serial).padStart(12, '0')}`;

/** As an authorization server tells of a token that it made. */
function issuance(workload: Workload, call: Call): object {
  const issued = Math.floor((epochMs + (call.issuedMs ?? call.endMs)) / 1000);
  return {
    time: new Date(epochMs + call.endMs).toISOString(), type: 'client_credentials.issued', iss: issuer, ip: call.address, route: 'token', caller: workload.name,
    ua: call.agent, kind: 'ClientCredentials', format: 'jwt', jti: call.token, client_id: workload.name, scope: 'read', aud: workload.profile,
    ...(workload.rhythm.tokenLifeMs === null ? {} : { exp: issued + workload.rhythm.tokenLifeMs / 1000 }),
  };
}

const issuer = 'https://sso.example.com';

function envoy(workload: Workload, call: Call, serial: number): object {
  const issued = Math.floor((epochMs + (call.issuedMs ?? 0)) / 1000);
  const lifeMs = call.forged?.lifeMs ?? workload.rhythm.tokenLifeMs;
  return {
    start_time: new Date(epochMs + call.endMs - call.tookMs).toISOString(), method: call.deed?.method ?? 'GET', path: call.path, protocol: 'HTTP/2',
    response_code: call.deed?.status ?? 200, response_flags: '-',
    bytes_received: 0, bytes_sent: call.bytes, duration: call.tookMs, x_forwarded_for: call.address, user_agent: call.agent, request_id: unique(serial),
    authority: `${workload.profile}.api.example.com`, upstream_cluster: workload.profile, downstream_remote_address: `10.0.0.9:${20_000 + serial % 40_000}`,
    jwt_payload: {
      iss: issuer, sub: workload.name, azp: workload.name, jti: call.token, iat: issued,
      ...(lifeMs === null ? {} : { exp: issued + lifeMs / 1000 }), scope: 'read',
    },
  };
}

function cloudTrail(workload: Workload, call: Call, serial: number): object {
  const account = String(400_000_000_000 + workload.number % 5);
  return {
    eventVersion: '1.09',
    userIdentity: {
      type: 'IAMUser', principalId: `AIDA${String(workload.number).padStart(17, '0')}`, arn: `arn:aws:iam::${account}:user/${workload.name}`, accountId: account,
      accessKeyId: call.token, userName: workload.name,
    },
    eventTime: new Date(epochMs + call.endMs).toISOString().replace(/\.\d+Z/, 'Z'), sourceIPAddress: call.address, userAgent: `[${call.agent}]`,
    responseElements: null, requestID: unique(serial).slice(0, 16), eventID: unique(serial), eventType: 'AwsApiCall', recipientAccountId: account,
    ...(call.deed === null ? objectRead(workload, call, account) : operation(call.deed)),
  };
}

function objectRead(workload: Workload, call: Call, account: string): object {
  const bucket = `data-${workload.profile}`;
  return {
    eventSource: 's3.amazonaws.com', eventName: 'GetObject', awsRegion: 'eu-central-1', requestParameters: { bucketName: bucket, key: call.path.slice(1) },
    additionalEventData: { SignatureVersion: 'SigV4', bytesTransferredIn: 0, bytesTransferredOut: call.bytes }, readOnly: true, managementEvent: false,
    resources: [{ type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucket}${call.path}` }, { accountId: account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` }],
    eventCategory: 'Data',
  };
}

function operation({ service, operation: name, parameters, region, error }: Deed): object {
  return {
    eventSource: `${service}.amazonaws.com`, eventName: name, awsRegion: region, requestParameters: parameters, managementEvent: true, eventCategory: 'Management',
    ...(error === null ? {} : { errorCode: error, errorMessage: 'is not authorized to perform this operation' }),
  };
}

function kong(workload: Workload, call: Call, serial: number): object {
  const consumer = `3a11ce00-0000-4000-8000-${String(workload.number).padStart(12, '0')}`;
  return {
    request: { id: unique(serial), method: call.deed?.method ?? 'GET', uri: call.path, size: 200, headers: { host: `${workload.profile}.api.example.com`, 'user-agent': call.agent } },
    response: { status: call.deed?.status ?? 200, size: call.bytes }, latencies: { proxy: call.tookMs - 1, kong: 1, request: call.tookMs }, client_ip: call.address,
    started_at: epochMs + call.endMs - call.tookMs, service: { name: workload.profile }, consumer: { id: consumer, username: workload.name },
    authenticated_entity: { id: call.token, consumer_id: consumer },
  };
}
