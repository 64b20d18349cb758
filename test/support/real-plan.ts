import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { actionSchema } from '../../src/config/respond-schema.ts';
import type { IntentState, Proposal, Target } from '../../src/model/intent.ts';
import { openActions } from '../../src/respond/actions/index.ts';
import type { DenyList } from '../../src/respond/deny-list/deny-list.ts';
import { Credentials } from '../../src/server/credentials.ts';
import { startServer } from '../../src/server/http.ts';
import { keyFiles } from '../respond/actions/support.ts';
import { ManualTiming, proposalOf, Rig } from '../respond/support.ts';
import { opened } from '../store/support.ts';
import { startAgent } from './gateway-agent.ts';
import type { RealGateway } from './real-gateway.ts';

/** The machine's own clock. */
class RealTiming extends ManualTiming {
  override now(): number { return Date.now(); }

  override after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  }
}

export interface Step extends Partial<Proposal> { readonly kind: Proposal['kind']; readonly action: string }

/** The executor with actions as the configuration makes them, by the machine's clock: what a plan does at real servers. It ends with the test. */
export class RealPlan {
  readonly #rig: Rig;
  readonly #ids = new Map<string, string>();

  private constructor(rig: Rig) {
    this.#rig = rig;
    onTestFinished(() => rig.stop());
    rig.start();
  }

  /** `sections`: as they stand under `respond.actions`. `token`: what the executor finds sealed. */
  static open(sections: readonly object[], token: string | null = null): RealPlan {
    const store = opened(null);
    const parts = { denials: store.effects.denials, openToken: token === null ? null : () => token };
    const { actions } = openActions(sections.map((section) => actionSchema.parse(section)), parts);
    return new RealPlan(new Rig(store, { actions: [...actions.values()] }, new RealTiming()));
  }

  /** With one deny list, `gateways`, that each of these has an agent for. */
  static async atGateways(gateways: readonly RealGateway[]): Promise<RealPlan> {
    const store = opened(null);
    const keys = keyFiles('ed25519');
    const named = gateways.map(({ name }) => ({ name, token: randomBytes(24).toString('base64url') }));
    const section = actionSchema.parse({
      name: 'gateways', type: 'deny_list', signing_key_file: keys.privateFile, gateways: named.map(({ name }) => ({ name, credentials_file: 'made here' })),
    });
    const { actions, denyLists: [list] } = openActions([section], { denials: store.effects.denials, openToken: null });
    const url = await serveList(list!, named);
    for (const [place, { settings }] of gateways.entries()) {
      // What was never seen alive is never proven dead: it has its list before anything is proposed.
      const agent = await startAgent({ url, token: named[place]!.token, publicKey: keys.publicKey, gateways: settings });
      onTestFinished(() => agent.stop());
    }
    return new RealPlan(new Rig(store, { actions: [...actions.values()] }, new RealTiming()));
  }

  /** Decided, enforced, with proof of this moment. */
  propose(target: Partial<Target>, ...steps: readonly Step[]): void {
    const planId = randomUUID();
    const base = proposalOf(target.handle ?? planId).target;
    this.#rig.propose(...steps.map((part, step) => {
      const id = randomUUID();
      this.#ids.set(`${part.kind} ${part.action}`, id);
      return proposalOf(planId, { id, planId, step, provenMs: Date.now(), decidedMs: Date.now(), target: { ...base, ...target }, ...part });
    }));
    this.#rig.executor.wake();
  }

  /** Waits until the newest step of this kind by this action stands so. */
  async comesTo(step: string, state: IntentState): Promise<void> {
    const id = this.#ids.get(step)!;
    await expect.poll(() => this.#rig.intent(id).state, { timeout: 20_000, interval: 20 }).toBe(state);
  }

  /** One person proposes to take it back, another confirms. */
  async takeBack(step: string): Promise<void> {
    const id = this.#ids.get(step)!;
    expect([this.#rig.desk.undo(id, 'rosa'), this.#rig.desk.undo(id, 'sam')]).toEqual([{ ok: true }, { ok: true }]);
    await this.comesTo(step, 'undone');
  }

  stands(step: string): string {
    return this.#rig.stands(this.#ids.get(step)!);
  }
}

async function serveList(list: DenyList, gateways: readonly { readonly name: string; readonly token: string }[]): Promise<string> {
  const server = await startServer({
    host: '127.0.0.1', port: 0, credentials: null, push: [], readiness: () => ({}) as never, metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    denyLists: [{
      name: list.name, current: () => list.current(), acknowledge: (gateway, number) => list.acknowledge(gateway, number),
      gateways: gateways.map(({ name, token }) => ({ name, credentials: new Credentials([createHash('sha256').update(token).digest()]) })),
    }],
  });
  onTestFinished(() => server.close());
  return `http://127.0.0.1:${server.port}/deny-lists/${list.name}`;
}
