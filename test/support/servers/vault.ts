import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, runFolder, ServerProcess } from './process.ts';

/**
 * A real Vault or OpenBao of the machine: `TEST_VAULT` names its program. Neither can be fetched here as a program, so without that
 * the tests which want it are skipped.
 */
export const vaultProgram: string | null = process.env['TEST_VAULT'] ?? null;

/** With its storage in files, unsealed, AppRole enabled. Starts within seconds. */
export async function startVault(program: string): Promise<Vault> {
  const dir = runFolder('vault');
  const [port, cluster] = await freePorts(2);
  mkdirSync(join(dir, 'data'));
  // Who calls is what a proxy says, as at a cluster behind one.
  const proxied = { x_forwarded_for_authorized_addrs: '127.0.0.1', x_forwarded_for_reject_not_present: false };
  const listener = { tcp: { address: `127.0.0.1:${port}`, cluster_address: `127.0.0.1:${cluster}`, tls_disable: true, ...proxied } };
  const settings = {
    storage: { file: { path: join(dir, 'data') } }, listener, disable_mlock: true, api_addr: `http://127.0.0.1:${port}`,
    // OpenBao: else they stand in its configuration only. Vault does not know it.
    unsafe_allow_api_audit_creation: true,
  };
  writeFileSync(join(dir, 'vault.json'), JSON.stringify(settings));
  const vault = new Vault(program, dir, `http://127.0.0.1:${port}`);
  await vault.restart();
  return vault;
}

export interface Reply { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

export class Vault {
  readonly url: string;
  root = '';
  readonly #program: string;
  readonly #dir: string;
  #process: ServerProcess | null = null;
  #unsealKey = '';

  constructor(program: string, dir: string, url: string) {
    [this.#program, this.#dir, this.url] = [program, dir, url];
  }

  /** Starts and unseals it, also after a `kill`, over the same storage. */
  async restart(): Promise<void> {
    this.#process = await ServerProcess.start({
      command: this.#program, args: ['server', `-config=${join(this.#dir, 'vault.json')}`], env: process.env, log: join(this.#dir, 'vault.log'),
      isReady: () => fetch(`${this.url}/v1/sys/seal-status`).then(({ ok }) => ok, () => false),
    });
    if (this.root === '') {
      const { keys_base64: keys, root_token: root } = (await this.call('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 })).body as { keys_base64: string[]; root_token: string };
      [this.#unsealKey, this.root] = [keys[0]!, root];
    }
    await this.call('PUT', 'sys/unseal', { key: this.#unsealKey });
    while ((await this.call('GET', 'sys/health')).status !== 200) await new Promise((resolve) => { setTimeout(resolve, 20); });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** As the root token, unless another is given. `from`: what a proxy says who calls. */
  async call(method: string, path: string, body?: object, token = this.root, { from, agent = 'vault' }: { from?: string; agent?: string } = {}): Promise<Reply> {
    const headers = { 'user-agent': agent, ...(token === '' ? {} : { 'x-vault-token': token }), ...(from === undefined ? {} : { 'x-forwarded-for': from }) };
    const answer = await fetch(`${this.url}/v1/${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> };
  }

  /** A token of ours with these capabilities and no others, by path. */
  async tokenFor(capabilities: Readonly<Record<string, readonly string[]>>): Promise<string> {
    const name = `p${Object.keys(capabilities).join().replaceAll(/\W/g, '-')}`;
    const policy = Object.entries(capabilities).map(([path, list]) => `path "${path}" { capabilities = ${JSON.stringify(list)} }`).join('\n');
    await this.call('POST', `sys/policies/acl/${name}`, { policy });
    const { body } = await this.call('POST', 'auth/token/create', { policies: [name], no_parent: true });
    return (body['auth'] as { client_token: string }).client_token;
  }

  get auditFile(): string {
    return join(this.#dir, 'audit.log');
  }

  /** What was audited so far, in the order of time; accessors stand there in the clear. */
  async audit(): Promise<() => readonly string[]> {
    const file = this.auditFile;
    const { status, body } = await this.call('POST', 'sys/audit/clear', { type: 'file', options: { file_path: file, hmac_accessor: 'false' } });
    if (status !== 204) throw new Error(`no audit device: ${status} ${JSON.stringify(body)}`);
    // Who calls by which program is not written otherwise.
    await this.call('POST', 'sys/config/auditing/request-headers/user-agent', { hmac: false });
    return () => readFileSync(file, 'utf8').split('\n').filter((line) => line !== '');
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
