import { expect, test } from 'vitest';
import { actionSchema } from '../../src/config/respond-schema.ts';
import type { RotationSection } from '../../src/config/rotation-schema.ts';
import type { IntentState } from '../../src/model/intent.ts';
import { outboundClient, type OutboundAnswer, type Send } from '../../src/outbound/client.ts';
import { openRotation } from '../../src/respond/actions/rotation/open.ts';
import type { Action } from '../../src/respond/port.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { startAws, type FakeAws } from '../support/providers/aws.ts';
import { fileWith } from './actions/support.ts';
import { giveWay, ManualTiming, proposalOf, Rig, targetOf } from './support.ts';

const id = 'key-0';
const old = 'AKIA111122223333EXPT';
const identityId = 'aws:123456789012:AIDA123456789012EXPT';
const rules = { keyId: 'AKIARESPONDER0000001', secret: 'ours' };

class RealTiming extends ManualTiming {
  override now(): number { return Date.now(); }

  override after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  }
}

/** One life of the executor, which dies at the n-th point: before or after a request, or after a write. */
class Life {
  readonly rig: Rig;
  readonly #killAt: number;
  points = 0;

  /** `waitingFor`: who does not move. */
  constructor(store: Store, section: RotationSection, killAt: number, waitingFor: readonly string[] = []) {
    this.#killAt = killAt;
    const transact = store.effects.transact;
    store.effects.transact = (work) => {
      if (this.isDead) throw new Error('a life that ended writes nothing');
      let hasWritten = false;
      transact.call(store.effects, () => {
        const written = work();
        hasWritten = written !== null;
        return written;
      });
      if (hasWritten) this.#pass();
    };
    this.rig = new Rig(store, { actions: [this.#action(section)], moved: () => ({ waitingFor, suspects: [] }) }, new RealTiming());
    void this.rig.executor.start().catch(() => undefined).finally(() => { store.effects.transact = transact; });
  }

  get isDead(): boolean { return this.points >= this.#killAt; }

  async end(...states: readonly IntentState[]): Promise<void> {
    const over: readonly IntentState[] = ['failed', ...states];
    await expect.poll(() => this.isDead || over.includes(this.rig.intent(id).state), { timeout: 10_000, interval: 2 }).toBe(true);
    await this.rig.executor.stop(0).catch(() => undefined);
    await giveWay();
  }

  #pass(): void {
    this.points++;
  }

  #action(section: RotationSection): Action {
    return openRotation(section, (urls): Send => {
      const send = outboundClient({ urls, allowPrivate: true });
      return async (request, signal) => {
        const hangs = new Promise<OutboundAnswer>((resolve) => { signal.addEventListener('abort', () => resolve({ kind: 'failed', reason: 'aborted' })); });
        if (this.isDead) return hangs;
        this.#pass();
        if (this.isDead) return hangs;
        const answer = await send(request, new AbortController().signal);
        this.#pass();
        return this.isDead ? hangs : answer;
      };
    });
  }
}

async function begin(): Promise<{ iam: FakeAws; vault: FakeAws; section: RotationSection; store: Store }> {
  const iam = await startAws({ ...rules, region: 'us-east-1', service: 'iam' });
  const vault = await startAws({ ...rules, region: 'us-east-1', service: 'secretsmanager' });
  iam.keys.delete('AKIA111122223333SIBL');
  vault.secrets.set('export', [{ id: 'first-version', text: JSON.stringify({ id: old, key: 'old' }) }]);
  const key = { access_key_id: rules.keyId, secret_key_file: fileWith(rules.secret) };
  const section = actionSchema.parse({
    name: 'rotation', type: 'rotation', allow_private: true, credential: { type: 'aws_access_key', account_id: '123456789012', endpoint: iam.url, ...key },
    stores: [{ type: 'aws_secrets_manager', endpoint: vault.url, ...key, secrets: { [identityId]: 'export' }, id_field: 'id', secret_field: 'key' }],
  }) as RotationSection;
  const store = openStore(null);
  const target = targetOf('key', { handle: old, tokenKind: 'access_key', issuer: 'aws', identityId });
  store.effects.transact(() => ({ proposals: [proposalOf('key', { kind: 'rotate', action: 'rotation', provenMs: Date.now(), decidedMs: Date.now(), target })] }));
  return { iam, vault, section, store };
}

test('killed at any point and begun again, there is one new key, its users can read it, and the old one is dead', async () => {
  const whole = await begin();
  const undisturbed = new Life(whole.store, whole.section, Number.POSITIVE_INFINITY);
  await undisturbed.end('verified');
  await whole.store.close();
  expect(undisturbed.points).toBeGreaterThan(30);
  for (let killAt = 1; killAt <= undisturbed.points; killAt++) {
    const { iam, vault, section, store } = await begin();
    await new Life(store, section, killAt).end('verified');
    const next = new Life(store, section, Number.POSITIVE_INFINITY);
    await next.end('verified');
    const stored = JSON.parse(vault.secrets.get('export')!.at(-1)!.text) as { id: string; key: string };
    const others = [...iam.keys].filter(([one]) => one !== old);
    expect([next.rig.stands(id).split(':')[0], iam.keys.get(old)?.status, others.map(([one, { status }]) => [one, status])], `killed at ${killAt}`)
      .toEqual(['verified', 'Inactive', [[stored.id, 'Active']]]);
    expect(iam.handedOut.at(-1)).toBe(stored.key);
    expect([...iam.faults, ...vault.faults]).toEqual([]);
    await store.close();
  }
});

/** A hand-over that two people want taken back. */
async function begunAndTakenBack(): Promise<Awaited<ReturnType<typeof begin>>> {
  const begun = await begin();
  const first = new Life(begun.store, begun.section, Number.POSITIVE_INFINITY, ['batch']);
  await first.end('accepted');
  expect([first.rig.desk.undo(id, 'rosa'), first.rig.desk.undo(id, 'sam')]).toEqual([{ ok: true }, { ok: true }]);
  return begun;
}

test('killed at any point of taking it back and begun again, all is as it was', async () => {
  const whole = await begunAndTakenBack();
  const undisturbed = new Life(whole.store, whole.section, Number.POSITIVE_INFINITY);
  await undisturbed.end('undone');
  await whole.store.close();
  expect(undisturbed.points).toBeGreaterThan(8);
  for (let killAt = 1; killAt <= undisturbed.points; killAt++) {
    const { iam, vault, section, store } = await begunAndTakenBack();
    await new Life(store, section, killAt).end('undone');
    const next = new Life(store, section, Number.POSITIVE_INFINITY);
    await next.end('undone');
    const stored = vault.secrets.get('export')!.at(-1)!.text;
    expect([next.rig.stands(id).split(':')[0], [...iam.keys].map(([one, { status }]) => [one, status]), stored], `killed at ${killAt}`)
      .toEqual(['undone', [[old, 'Active']], JSON.stringify({ id: old, key: 'old' })]);
    expect([...iam.faults, ...vault.faults]).toEqual([]);
    await store.close();
  }
});
