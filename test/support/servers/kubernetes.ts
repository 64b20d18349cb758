import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, runFolder, ServerProcess } from './process.ts';

/**
 * A real API server of Kubernetes with its store: `TEST_KUBERNETES` names the folder of the programs `kube-apiserver` and `etcd`. Neither can be fetched
 * here as a program, so without that the tests which want it are skipped.
 */
export const kubernetesPrograms: string | null = process.env['TEST_KUBERNETES'] ?? null;

export interface Answer { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

/** As `accountToken` issues it. */
export interface BoundTo { readonly kind: 'Pod' | 'Secret'; readonly name: string; readonly uid: string }

/** Of the administrator only whom he issued tokens. Nothing of what Secrets hold. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', resources: [{ group: '', resources: ['serviceaccounts/token'] }] }, { level: 'None', userGroups: ['system:masters'] }, { level: 'Metadata' }],
};

/** Both programs, with RBAC and an audit log. No kubelet runs, nor a controller: objects stay as they are put. */
export class Cluster {
  readonly url: string;
  /** Of tokens. */
  readonly issuer = 'https://kubernetes.default.svc.cluster.local';
  readonly #programs: string;
  readonly #dir: string;
  readonly #ports: readonly number[];
  #running: readonly ServerProcess[] = [];

  private constructor(programs: string, dir: string, ports: readonly number[]) {
    [this.#programs, this.#dir, this.#ports, this.url] = [programs, dir, ports, `https://127.0.0.1:${ports[0]}`];
  }

  static async start(programs: string): Promise<Cluster> {
    const dir = runFolder('kubernetes');
    const cluster = new Cluster(programs, dir, await freePorts(3));
    mkdirSync(join(dir, 'certificates'));
    execFileSync('openssl', ['genrsa', '-out', join(dir, 'accounts.key'), '2048'], { stdio: 'ignore' });
    writeFileSync(join(dir, 'tokens.csv'), 'administrator,administrator,administrator,system:masters\n', { mode: 0o600 });
    writeFileSync(join(dir, 'audit.json'), JSON.stringify(auditPolicy));
    await cluster.restart();
    return cluster;
  }

  /** PEM, as the API server made it for itself. */
  get caFile(): string {
    return join(this.#dir, 'certificates', 'apiserver.crt');
  }

  /** Starts both, also after a `kill`, over the same storage. */
  async restart(): Promise<void> {
    const [port, store, peers] = this.#ports;
    const at = `http://127.0.0.1:${store}`;
    const file = (name: string): string => join(this.#dir, name);
    const etcd = await ServerProcess.start({
      command: join(this.#programs, 'etcd'), env: process.env, log: file('etcd.log'),
      args: [
        `--data-dir=${file('etcd')}`, `--listen-client-urls=${at}`, `--advertise-client-urls=${at}`, `--listen-peer-urls=http://127.0.0.1:${peers}`,
        `--initial-advertise-peer-urls=http://127.0.0.1:${peers}`, `--initial-cluster=default=http://127.0.0.1:${peers}`,
      ],
      isReady: () => fetch(`${at}/health`).then(({ ok }) => ok, () => false),
    });
    const server = await ServerProcess.start({
      command: join(this.#programs, 'kube-apiserver'), env: process.env, log: file('apiserver.log'),
      args: [
        `--etcd-servers=${at}`, '--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${file('certificates')}`, '--authorization-mode=RBAC',
        `--service-account-issuer=${this.issuer}`, `--service-account-key-file=${file('accounts.key')}`, `--service-account-signing-key-file=${file('accounts.key')}`,
        '--service-cluster-ip-range=10.0.0.0/24', `--token-auth-file=${file('tokens.csv')}`, `--audit-policy-file=${file('audit.json')}`,
        `--audit-log-path=${file('audit.log')}`, '--endpoint-reconciler-type=none',
      ],
      isReady: () => this.call('GET', '/readyz').then(({ status }) => status === 200, () => false),
    });
    this.#running = [server, etcd];
  }

  async kill(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.kill()));
  }

  /** As the administrator, unless another token is given. `from`: what a proxy says who calls. */
  call(method: string, path: string, body?: object, { token = 'administrator', from, agent = 'kubectl' }: { token?: string; from?: string; agent?: string } = {}): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json', 'user-agent': agent,
      ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}${path}`, { method, headers, ca: readFileSync(this.caFile), agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode!, body: text.startsWith('{') ? JSON.parse(text) as Answer['body'] : {} });
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Creates an object below `path`. Throws where that is refused; answers its uid. */
  async create(path: string, object: object): Promise<string> {
    const { status, body } = await this.call('POST', path, object);
    if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return (body['metadata'] as { uid: string }).uid;
  }

  /** A TokenRequest for a service account. */
  async accountToken(namespace: string, account: string, bound?: BoundTo): Promise<string> {
    const spec = { expirationSeconds: 3600, ...(bound === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', ...bound } }) };
    const { status, body } = await this.call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec,
    });
    if (status !== 201) throw new Error(`no token for ${account}: ${status} ${JSON.stringify(body)}`);
    return (body['status'] as { token: string }).token;
  }

  /** Lines of the audit log. */
  audit(): readonly string[] {
    return readFileSync(join(this.#dir, 'audit.log'), 'utf8').split('\n').filter((line) => line !== '');
  }

  get auditFile(): string {
    return join(this.#dir, 'audit.log');
  }

  /** Waits until something holds: what was granted is heard of by the authorizer a moment later. */
  async until(what: string, holds: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
    for (const untilMs = Date.now() + limitMs; Date.now() < untilMs; await sleep(50)) if (await holds()) return;
    throw new Error(`not within ${limitMs} ms: ${what}`);
  }

  async stop(): Promise<void> {
    for (const one of this.#running) await one.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
