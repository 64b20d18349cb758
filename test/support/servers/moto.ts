import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { signed, type AwsCredential } from '../../../src/respond/actions/auth/aws-signature.ts';
import { formRequest } from '../../../src/respond/actions/http.ts';
import { cached } from './cache.ts';
import { pip } from './pip.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

const packages = ['moto[iam,secretsmanager,sts]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];
const needed = 'The tests need Python 3.10 or newer with pip, by which they fetch moto (`apt-get install python3-pip`).';

/**
 * A stand-in for IAM, STS and Secrets Manager: moto, made to refuse what AWS refuses (see `moto/strict.py`). What AWS really does it cannot prove. Starts
 * within seconds, with one user who may do anything.
 */
export async function startMoto(): Promise<Moto> {
  const folder = await cached('moto-5.2.5', async (target) => {
    await pip(['install', '-q', '--no-compile', '--disable-pip-version-check', '--target', target, ...packages], needed);
  });
  const dir = runFolder('moto');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  // Until the first user is there nobody has to prove anything.
  const env = { ...process.env, PYTHONPATH: folder, INITIAL_NO_AUTH_ACTION_COUNT: 'inf' };
  const server = await ServerProcess.start({
    command: 'python3', args: [join(import.meta.dirname, 'moto', 'strict.py'), '-H', '127.0.0.1', '-p', `${port}`], env, log: join(dir, 'moto.log'),
    isReady: () => fetch(`${url}/moto-api/`).then(({ ok }) => ok, () => false),
  });
  const moto = new Moto(url, server, dir);
  await moto.begin();
  return moto;
}

/** What it answered, in XML. */
export interface AwsAnswer { readonly status: number; readonly text: string }

const nobody: AwsCredential = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secret: 'none', sessionToken: null };
const versions = { iam: '2010-05-08', sts: '2011-06-15' } as const;

export class Moto {
  readonly url: string;
  /** Of the user who may do anything. */
  administrator: AwsCredential = nobody;
  readonly #process: ServerProcess;
  readonly #dir: string;

  constructor(url: string, running: ServerProcess, dir: string) {
    [this.url, this.#process, this.#dir] = [url, running, dir];
  }

  async begin(): Promise<void> {
    this.administrator = await this.user('tokenward', [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
    await fetch(`${this.url}/moto-api/reset-auth`, { method: 'POST', body: '0' });
  }

  /** One signed call. `from`: another address of this machine, such as 127.0.0.5. */
  async call(service: keyof typeof versions, action: string, form: Readonly<Record<string, string>>, by = this.administrator, from?: string): Promise<AwsAnswer> {
    const request = formRequest(`${this.url}/`, { Action: action, Version: versions[service], ...form });
    // It signs forms over as AWS's own libraries write them.
    const asWritten = { ...request, body: request.body!.replaceAll('+', '%20').replaceAll('*', '%2A') };
    const { headers, body } = signed(asWritten, by, { region: 'us-east-1', service }, Date.now());
    if (from !== undefined) return callFrom(from, request.url, headers, body!);
    const answer = await fetch(request.url, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  }

  /** One signed call of Secrets Manager; throws where it is refused. */
  async secrets(action: string, body: object, by = this.administrator): Promise<Readonly<Record<string, string>>> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${action}` };
    const request = { method: 'POST', url: `${this.url}/`, headers, body: JSON.stringify(body) } as const;
    const proven = signed(request, by, { region: 'us-east-1', service: 'secretsmanager' }, Date.now());
    const answer = await fetch(request.url, { method: 'POST', headers: proven.headers, body: request.body });
    if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
    return await answer.json() as Record<string, string>;
  }

  /** A user with a policy of its own; answers a first key. */
  async user(name: string, statements: readonly object[]): Promise<AwsCredential> {
    await this.#make('CreateUser', { UserName: name });
    await this.#make('PutUserPolicy', { UserName: name, PolicyName: 'own', PolicyDocument: policy(statements) });
    return this.key(name);
  }

  async key(user: string): Promise<AwsCredential> {
    return credentialIn(await this.call('iam', 'CreateAccessKey', { UserName: user }));
  }

  async role(name: string, statements: readonly object[]): Promise<void> {
    const trust = policy([{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }]);
    await this.#make('CreateRole', { RoleName: name, AssumeRolePolicyDocument: trust });
    await this.#make('PutRolePolicy', { RoleName: name, PolicyName: 'own', PolicyDocument: policy(statements) });
  }

  /** A session of the role, with its `AROA…:name`. */
  async assume(role: string, name: string, by: AwsCredential): Promise<AwsCredential & { readonly userId: string }> {
    const answer = await this.call('sts', 'AssumeRole', { RoleArn: `arn:aws:iam::123456789012:role/${role}`, RoleSessionName: name }, by);
    return { ...credentialIn(answer), userId: element(answer, 'AssumedRoleId') };
  }

  async #make(action: string, form: Readonly<Record<string, string>>): Promise<void> {
    const { status, text } = await this.call('iam', action, form);
    if (status !== 200) throw new Error(`${action}: ${status} ${text}`);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

async function callFrom(localAddress: string, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<AwsAnswer> {
  const call = httpRequest(url, { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) }, localAddress });
  call.end(body);
  const [answer] = await once(call, 'response') as [IncomingMessage];
  return { status: answer.statusCode!, text: await text(answer) };
}

function policy(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function credentialIn(answer: AwsAnswer): AwsCredential {
  const sessionToken = answer.text.includes('<SessionToken>') ? element(answer, 'SessionToken') : null;
  return { accessKeyId: element(answer, 'AccessKeyId'), secret: element(answer, 'SecretAccessKey'), sessionToken };
}

function element({ status, text }: AwsAnswer, name: string): string {
  const found = new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${name} in an answer of ${status}: ${text.slice(0, 300)}`);
  return found;
}
