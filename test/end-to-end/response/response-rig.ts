import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { verifyChain } from '../../../src/respond/audit-chain.ts';
import { readHead } from '../../../src/respond/audit-head.ts';
import { openStore } from '../../../src/store/open.ts';
import type { EffectsStore } from '../../../src/store/port.ts';
import { root } from '../../support/source.ts';
import { ServiceProcess } from '../service/child.ts';
import { startActingReceiver, type ActingReceiver } from './acting-receiver.ts';

export interface ResponseSettings {
  /** Files of rules, by name. */
  readonly rules?: Readonly<Record<string, string>>;
  /** Sources, as YAML; the folder of logs stands for `LOGS`. */
  readonly sources: string;
  /** More of `respond`, as YAML lines that are indented by two. */
  readonly respond?: string;
  /** The policy; default: whatever is at least high is revoked at once. */
  readonly policy?: string;
}

const allIsRevoked = '  - { name: stolen, match: { severity: high }, plan: [{ do: revoke, by: holder }], mode: enforce }';

/** `tokenward run` over one folder, life after life, with a receiver of this process's own that does what it is asked and counts. */
export class ResponseRig {
  readonly folder: string;
  readonly logs: string;
  readonly receiver: ActingReceiver;
  readonly lives: ServiceProcess[] = [];

  private constructor(folder: string, receiver: ActingReceiver) {
    this.folder = folder;
    this.logs = join(folder, 'logs');
    this.receiver = receiver;
    mkdirSync(this.logs);
  }

  static async open(settings: ResponseSettings): Promise<ResponseRig> {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const rig = new ResponseRig(mkdtempSync(join(tmpdir(), 'tokenward-response-')), await startActingReceiver(secret));
    rig.#write('secret', secret);
    rig.#write('key', randomBytes(24).toString('base64'));
    rig.#write('history.yaml', rig.#common(settings.sources.replaceAll('LOGS/', '')));
    rig.#write('tokenward.yaml', `${rig.#common(settings.sources.replaceAll('LOGS', rig.logs))}${rig.#acting(settings)}`);
    return rig;
  }

  /** Reads a past in which nobody acts, without rules and policy. The service does not read it again. */
  learn(name: string, lines: string): void {
    const file = join(this.folder, name);
    writeFileSync(file, lines);
    const words = ['replay', '-c', join(this.folder, 'history.yaml'), '--data-dir', join(this.folder, 'data'), '--alerts', join(this.folder, 'past'), file];
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'src/main.ts'), ...words], { encoding: 'utf8', env: this.#environment });
    if (status !== 0) throw new Error(`the past cannot be read: ${stderr}`);
  }

  append(name: string, lines: string): void {
    appendFileSync(join(this.logs, name), lines);
  }

  start(): ServiceProcess {
    const preload = `${pathToFileURL(join(import.meta.dirname, 'clock-hooks.ts')).href}?file=${encodeURIComponent(join(this.folder, 'clock'))}`;
    const life = new ServiceProcess(join(this.folder, 'tokenward.yaml'), join(this.folder), { untouched: true, preload });
    this.lives.push(life);
    return life;
  }

  /** Sets the machine's clock, as far as the service can see. */
  setClock(offsetMs: number): void {
    this.#write('clock', String(offsetMs));
  }

  /** What is stored at the moment. */
  async read<T>(look: (effects: EffectsStore) => T): Promise<T> {
    const store = openStore(join(this.folder, 'data'), { readOnly: true });
    try {
      return look(store.effects);
    } finally {
      await store.close();
    }
  }

  isChainWhole(): Promise<boolean> {
    return this.read((effects) => verifyChain(effects.responses.auditRows(), readHead(join(this.folder, 'data'), effects)).bad === null);
  }

  /** How often people were called for this reason, over all lives. */
  pages(reason: string): number {
    return this.lives.flatMap(({ lines }) => lines).filter((line) => line['event.action'] === `page_${reason}`).length;
  }

  async close(): Promise<void> {
    for (const life of this.lives) if (!life.hasEnded) await life.kill();
    await this.receiver.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: join(this.folder, '..', 'compiled') };
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text, { mode: 0o600 });
  }

  #common(sources: string): string {
    return `identity: { fingerprint_key_file: ${this.folder}/key }\nsources:\n${sources}\n`;
  }

  #acting({ rules = {}, respond = '', policy = allIsRevoked }: ResponseSettings): string {
    const names = Object.keys(rules).map((name) => `${this.folder}/${name}.yaml`);
    for (const [name, text] of Object.entries(rules)) this.#write(`${name}.yaml`, text);
    return `rules: [${names.join(', ')}]
policy:
${policy}
respond:
  actions:
    - name: holder
      type: webhook
      url: ${this.receiver.url}
      status_url: ${this.receiver.statusUrl}
      secret_file: ${this.folder}/secret
      does: [pin, deny, revoke, notify]
      allow_private: true
${respond}
server: { listen: '127.0.0.1:0' }
store: { dir: '${this.folder}/data', checkpoint_every: 2s }
`;
  }
}
