import { randomBytes } from 'node:crypto';
import { checkSignature, type AwsRules } from './aws-verifier.ts';
import { formBody, jsonBody, must, noBody, routes, startFake, type Fake, type Received, type Reply } from './fake.ts';

export interface FakeAws extends Fake {
  /** Key -> its owner and status. */
  readonly keys: Map<string, { readonly user: string; status: 'Active' | 'Inactive'; readonly createdMs?: number }>;
  /** Secret keys that were handed out. */
  readonly handedOut: string[];
  /** Secret -> its versions, the newest last. */
  readonly secrets: Map<string, { readonly id: string; readonly text: string }[]>;
  /** `role/policy` or `user/policy` -> document. */
  readonly policies: Map<string, string>;
  readonly apiKeys: Map<string, boolean>;
  /** `secret` -> tokens of its rotations. */
  readonly rotations: Map<string, Set<string>>;
  /** The next so many answers say that it is too busy. */
  throttled: number;
}

const [roles, users] = [new Set(['exporter', 'report']), new Set(['export'])];
/** What AWS lets the inline policies of one holder have in all, without white space. */
const mostCharacters = { Role: 10_240, User: 2_048 } as const;
const xml = (status: number, body: string): Reply => ({ status, body: `<?xml version="1.0"?>${body}`, headers: { 'content-type': 'text/xml' } });
const missing = xml(404, '<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>secret-canary</Message></Error></ErrorResponse>');

const tooLong = xml(409, '<ErrorResponse><Error><Code>LimitExceeded</Code><Message>Maximum policy size exceeded</Message></Error></ErrorResponse>');

/** IAM's query interface, API Gateway's keys and the start of a rotation. */
export async function startAws(rules: AwsRules): Promise<FakeAws> {
  const state = {
    keys: new Map([['AKIA111122223333EXPT', { user: 'export', status: 'Active' as const }], ['AKIA111122223333SIBL', { user: 'export', status: 'Active' as const }]]),
    policies: new Map<string, string>(), apiKeys: new Map([['abc123', true]]), rotations: new Map<string, Set<string>>(), throttled: 0,
    handedOut: [], secrets: new Map(),
  } as Omit<FakeAws, keyof Fake>;
  const services: Readonly<Record<string, (received: Received) => Reply>> = {
    iam: (received) => iam(received, state), apigateway: apiGateway(state), secretsmanager: (received) => secrets(received, state),
  };
  const fake = await startFake((received) => {
    checkSignature(received, rules);
    if (state.throttled > 0) {
      state.throttled--;
      if (rules.service === 'secretsmanager') return { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } };
      return xml(400, '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>');
    }
    return services[rules.service]!(received);
  });
  return Object.assign(state, fake);
}

const parameters: Readonly<Record<string, readonly string[]>> = {
  GetAccessKeyLastUsed: ['AccessKeyId'], CreateAccessKey: ['UserName'], DeleteAccessKey: ['UserName', 'AccessKeyId'], UpdateAccessKey: ['UserName', 'AccessKeyId', 'Status'],
  ListAccessKeys: ['UserName'],
  PutRolePolicy: ['RoleName', 'PolicyName', 'PolicyDocument'], GetRolePolicy: ['RoleName', 'PolicyName'], DeleteRolePolicy: ['RoleName', 'PolicyName'],
  PutUserPolicy: ['UserName', 'PolicyName', 'PolicyDocument'], GetUserPolicy: ['UserName', 'PolicyName'], DeleteUserPolicy: ['UserName', 'PolicyName'],
};

function iam(received: Received, { keys, policies, handedOut }: Pick<FakeAws, 'keys' | 'policies' | 'handedOut'>): Reply {
  must(received.method === 'POST' && received.path === '/' && received.query === '', 405, 'the query interface is POST /');
  const { Action: action = '', Version: version, ...form } = formBody(received);
  must(version === '2010-05-08', 400, 'wrong version');
  const wanted = parameters[action];
  must(wanted !== undefined, 400, `InvalidAction ${action}`);
  must(wanted.toSorted().join() === Object.keys(form).sort().join(), 400, `parameters of ${action}: ${Object.keys(form).join()}`);
  const key = keys.get(form['AccessKeyId'] ?? '');
  const holder = form['RoleName'] ?? form['UserName'];
  const place = `${holder}/${form['PolicyName']}`;
  if (form['PolicyName'] !== undefined && !(form['RoleName'] === undefined ? users : roles).has(holder!)) return missing;
  must(form['PolicyName'] === undefined || /^[\w+=,.@-]{1,128}$/.test(form['PolicyName']), 400, 'ValidationError');
  switch (action) {
    case 'GetAccessKeyLastUsed': return key === undefined ? missing : done(action, `<UserName>${key.user}</UserName><AccessKeyLastUsed/>`);
    case 'CreateAccessKey': {
      if ([...keys.values()].filter(({ user }) => user === form['UserName']).length >= 2) {
        return xml(409, '<ErrorResponse><Error><Code>LimitExceeded</Code><Message>Cannot exceed quota</Message></Error></ErrorResponse>');
      }
      const id = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
      const secret = `secret-key-canary-${randomBytes(12).toString('base64')}`;
      keys.set(id, { user: form['UserName']!, status: 'Active', createdMs: Math.floor(Date.now() / 1000) * 1000 });
      handedOut.push(secret);
      return done(action, `<AccessKey><UserName>${form['UserName']}</UserName><AccessKeyId>${id}</AccessKeyId><Status>Active</Status><SecretAccessKey>${secret}</SecretAccessKey></AccessKey>`);
    }
    case 'DeleteAccessKey':
      if (key?.user !== form['UserName']) return missing;
      keys.delete(form['AccessKeyId']!);
      return done(action, '');
    case 'UpdateAccessKey':
      if (key?.user !== form['UserName']) return missing;
      must(form['Status'] === 'Active' || form['Status'] === 'Inactive', 400, 'InvalidInput');
      key!.status = form['Status'];
      return done(action, '');
    case 'ListAccessKeys': return done(action, `<IsTruncated>false</IsTruncated><AccessKeyMetadata>${[...keys].filter(([, { user }]) => user === form['UserName'])
      .map(([id, { user, status, createdMs = Date.UTC(2026, 0, 1) }]) => `<member><UserName>${user}</UserName><AccessKeyId>${id}</AccessKeyId><Status>${status}</Status>`
        + `<CreateDate>${new Date(createdMs).toISOString().slice(0, 19)}Z</CreateDate></member>`).join('')}</AccessKeyMetadata>`);
    case 'PutRolePolicy': case 'PutUserPolicy': {
      const { Version, Statement } = JSON.parse(form['PolicyDocument']!) as { Version: string; Statement: Record<string, unknown>[] };
      must(Version === '2012-10-17' && Statement.length > 0, 400, 'MalformedPolicyDocument');
      must(Statement.every((one) => one['Effect'] === 'Deny' && one['Resource'] === '*' && one['Action'] !== undefined), 400, 'MalformedPolicyDocument');
      const others = [...policies].filter(([at]) => at.startsWith(`${holder}/`) && at !== place).reduce((sum, [, text]) => sum + text.length, 0);
      if (others + form['PolicyDocument']!.length > mostCharacters[action === 'PutRolePolicy' ? 'Role' : 'User']) return tooLong;
      policies.set(place, form['PolicyDocument']!);
      return done(action, '');
    }
    case 'GetRolePolicy': case 'GetUserPolicy': return policies.has(place) ? done(action, `<PolicyDocument>${encodeURIComponent(policies.get(place)!)}</PolicyDocument>`) : missing;
    default: return policies.delete(place) ? done(action, '') : missing;
  }
}

function done(action: string, result: string): Reply {
  return xml(200, `<${action}Response><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`);
}

function apiGateway({ apiKeys }: Pick<FakeAws, 'apiKeys'>): (received: Received) => Reply {
  const shown = (id: string): Reply => ({ status: 200, body: { id, name: 'partner', enabled: apiKeys.get(id) } });
  return routes({
    'GET /apikeys/{}': (received, [id]) => {
      noBody(received);
      return apiKeys.has(id!) ? shown(id!) : { status: 404, body: { message: 'Invalid API Key identifier specified' } };
    },
    'PATCH /apikeys/{}': (received, [id]) => {
      const [operation, ...more] = jsonBody(received, ['patchOperations'])['patchOperations'] as Record<string, unknown>[];
      must(more.length === 0 && operation!['op'] === 'replace' && operation!['path'] === '/enabled', 400, 'BadRequest');
      must(operation!['value'] === 'true' || operation!['value'] === 'false', 400, 'the value is a string');
      if (!apiKeys.has(id!)) return { status: 404, body: { message: 'Invalid API Key identifier specified' } };
      apiKeys.set(id!, operation!['value'] === 'true');
      return shown(id!);
    },
  });
}

const typed = 'application/x-amz-json-1.1';
const notFound: Reply = { status: 400, body: { __type: 'ResourceNotFoundException', Message: 'secret-canary' } };

function secrets(received: Received, { rotations, secrets: stored }: Pick<FakeAws, 'rotations' | 'secrets'>): Reply {
  must(received.method === 'POST' && received.path === '/', 405, 'POST / only');
  if (received.headers['x-amz-target'] === 'secretsmanager.GetSecretValue') {
    const { VersionId: wanted } = JSON.parse(received.body) as { VersionId?: string };
    const { SecretId } = jsonBody(received, wanted === undefined ? ['SecretId'] : ['SecretId', 'VersionId'], typed) as Record<string, string>;
    const versions = stored.get(SecretId!) ?? [];
    const found = wanted === undefined ? versions.at(-1) : versions.find(({ id }) => id === wanted);
    return found === undefined ? notFound : { status: 200, body: { Name: SecretId, SecretString: found.text, VersionId: found.id, VersionStages: ['AWSCURRENT'] } };
  }
  if (received.headers['x-amz-target'] === 'secretsmanager.PutSecretValue') {
    const { SecretId, ClientRequestToken: id, SecretString: text } = jsonBody(received, ['SecretId', 'ClientRequestToken', 'SecretString'], typed) as Record<string, string>;
    must(/^[\w-]{32,64}$/.test(id!), 400, 'InvalidParameterException');
    const versions = stored.get(SecretId!);
    if (versions === undefined) return notFound;
    const same = versions.find((version) => version.id === id);
    if (same !== undefined && same.text !== text) return { status: 400, body: { __type: 'ResourceExistsException' } };
    if (same === undefined) versions.push({ id: id!, text: text! });
    return { status: 200, body: { Name: SecretId, VersionId: id, VersionStages: ['AWSCURRENT'] } };
  }
  must(received.headers['x-amz-target'] === 'secretsmanager.RotateSecret', 400, 'UnknownOperation');
  const { SecretId, ClientRequestToken } = jsonBody(received, ['SecretId', 'ClientRequestToken'], typed) as Record<string, string>;
  must(/^[\w-]{32,64}$/.test(ClientRequestToken!), 400, 'InvalidParameterException');
  if (!SecretId!.startsWith('arn:aws:secretsmanager:')) return notFound;
  rotations.set(SecretId!, (rotations.get(SecretId!) ?? new Set()).add(ClientRequestToken!));
  return { status: 200, body: { ARN: SecretId, Name: 'db', VersionId: ClientRequestToken } };
}
