import { epochMs, type Call, type Deed, type Workload } from './calls.ts';

/** The call as its gateway or cloud logs it. `serial` tells records apart. Made of templates, as there are millions: nothing in them needs escapes. */
export function lineOf(workload: Workload, call: Call, serial: number): string {
  switch (call.log) {
    case 'envoy.access': return envoy(workload, call, serial);
    case 'aws.cloudtrail': return cloudTrail(workload, call, serial);
    case 'kong.http_log': return kong(workload, call, serial);
    case 'issuer': return issuance(workload, call);
  }
}

const unique = (serial: number): string => `7e57ab1e-0000-4000-8000-${String(serial).padStart(12, '0')}`;
const timeOf = (atMs: number): string => new Date(epochMs + atMs).toISOString();
const issuer = 'https://sso.example.com';

/** As an authorization server tells of a token that it made. */
function issuance({ name, profile, rhythm: { tokenLifeMs } }: Workload, call: Call): string {
  const issued = Math.floor((epochMs + (call.issuedMs ?? call.endMs)) / 1000);
  return `{"time":"${timeOf(call.endMs)}","type":"client_credentials.issued","iss":"${issuer}","ip":"${call.address}","route":"token","caller":"${name}",`
    + `"ua":"${call.agent}","kind":"ClientCredentials","format":"jwt","jti":"${call.token}","client_id":"${name}","scope":"read","aud":"${profile}"`
    + `${tokenLifeMs === null ? '' : `,"exp":${issued + tokenLifeMs / 1000}`}}`;
}

function envoy({ name, profile, rhythm }: Workload, call: Call, serial: number): string {
  const issued = Math.floor((epochMs + (call.issuedMs ?? 0)) / 1000);
  const lifeMs = call.forged?.lifeMs ?? rhythm.tokenLifeMs;
  return `{"start_time":"${timeOf(call.endMs - call.tookMs)}","method":"${call.deed?.method ?? 'GET'}","path":"${call.path}","protocol":"HTTP/2",`
    + `"response_code":${call.deed?.status ?? 200},"response_flags":"-","bytes_received":0,"bytes_sent":${call.bytes},"duration":${call.tookMs},`
    + `"x_forwarded_for":"${call.address}","user_agent":"${call.agent}","request_id":"${unique(serial)}","authority":"${profile}.api.example.com",`
    + `"upstream_cluster":"${profile}","downstream_remote_address":"10.0.0.9:${20_000 + serial % 40_000}","jwt_payload":{"iss":"${issuer}","sub":"${name}",`
    + `"azp":"${name}","jti":"${call.token}","iat":${issued}${lifeMs === null ? '' : `,"exp":${issued + lifeMs / 1000}`},"scope":"read"}}`;
}

function cloudTrail(workload: Workload, call: Call, serial: number): string {
  const { number, name } = workload;
  const account = String(400_000_000_000 + number % 5);
  const id = unique(serial);
  return `{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","principalId":"AIDA${String(number).padStart(17, '0')}",`
    + `"arn":"arn:aws:iam::${account}:user/${name}","accountId":"${account}","accessKeyId":"${call.token}","userName":"${name}"},`
    + `"eventTime":"${timeOf(call.endMs).slice(0, 19)}Z","sourceIPAddress":"${call.address}","userAgent":"[${call.agent}]","responseElements":null,`
    + `"requestID":"${id.slice(0, 16)}","eventID":"${id}","eventType":"AwsApiCall","recipientAccountId":"${account}",`
    + `${call.deed === null ? objectRead(workload, call, account) : operation(call.deed)}}`;
}

function objectRead({ profile }: Workload, call: Call, account: string): string {
  const bucket = `data-${profile}`;
  return `"eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-central-1",`
    + `"requestParameters":{"bucketName":"${bucket}","key":"${call.path.slice(1)}"},`
    + `"additionalEventData":{"SignatureVersion":"SigV4","bytesTransferredIn":0,"bytesTransferredOut":${call.bytes}},"readOnly":true,"managementEvent":false,`
    + `"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::${bucket}${call.path}"},`
    + `{"accountId":"${account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::${bucket}"}],"eventCategory":"Data"`;
}

function operation({ service, operation: name, parameters, region, error }: Deed): string {
  return `"eventSource":"${service}.amazonaws.com","eventName":"${name}","awsRegion":"${region}","requestParameters":${JSON.stringify(parameters)},`
    + `"managementEvent":true,"eventCategory":"Management"`
    + `${error === null ? '' : `,"errorCode":"${error}","errorMessage":"is not authorized to perform this operation"`}`;
}

function kong({ number, name, profile }: Workload, call: Call, serial: number): string {
  const consumer = `3a11ce00-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return `{"request":{"id":"${unique(serial)}","method":"${call.deed?.method ?? 'GET'}","uri":"${call.path}","size":200,`
    + `"headers":{"host":"${profile}.api.example.com","user-agent":"${call.agent}"}},"response":{"status":${call.deed?.status ?? 200},"size":${call.bytes}},`
    + `"latencies":{"proxy":${call.tookMs - 1},"kong":1,"request":${call.tookMs}},"client_ip":"${call.address}",`
    + `"started_at":${epochMs + call.endMs - call.tookMs},"service":{"name":"${profile}"},"consumer":{"id":"${consumer}","username":"${name}"},`
    + `"authenticated_entity":{"id":"${call.token}","consumer_id":"${consumer}"}}`;
}
