import { expect, onTestFinished, test } from 'vitest';
import { makeAction } from '../../src/respond/actions/perform.ts';
import type { Declaration } from '../../src/respond/actions/declaration.ts';
import type { Action } from '../../src/respond/port.ts';
import { intentView } from '../../src/service/views.ts';
import { StoreError } from '../../src/store/error.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { opened } from '../store/support.ts';
import { ManualTiming, proposalOf, Rig } from './support.ts';

// What a step destroys is noted before it is destroyed, so that it can be brought back.

type Asked = { readonly ask: 'read' | 'delete' } | { readonly ask: 'create'; readonly what: string };

/** Holds one thing, which is deleted and made again. */
class Shelf {
  thing: string | null = 'a thing';
  readonly seen: string[] = [];
  /** The life that asks ends at its n-th question: before it arrives, or before the answer does. */
  endsAt = Infinity;
  endsBefore = false;

  readonly send = (request: Asked, signal: AbortSignal): Promise<string | null> => {
    const isLast = this.seen.length + 1 === this.endsAt;
    const lost = (): Promise<never> => new Promise((_, reject) => { signal.addEventListener('abort', () => reject(new Error('aborted'))); });
    if (isLast && this.endsBefore) return lost();
    this.seen.push(request.ask);
    if (request.ask === 'delete') this.thing = null;
    if (request.ask === 'create') this.thing = request.what;
    return isLast ? lost() : Promise.resolve(this.thing);
  };

  action(): Action {
    return makeAction(declaration, null, { name: 'provider', send: this.send, openToken: null });
  }
}

const declaration: Declaration<null, Asked, string | null> = {
  type: 'shelf', needsToken: false, kinds: () => ['revoke'], fits: () => null,
  facts: () => ({ effect: 'It goes.', delay: 'None.', undo: 'It is made again.', rights: 'None.', exposureMs: 60_000 }),
  find: {
    request: () => ({ ask: 'read' }), classify: (thing) => (thing === null ? { kind: 'gone' } : { kind: 'found', value: '', former: thing }),
  },
  request: () => ({ ask: 'delete' }), classify: () => ({ kind: 'done' }),
  verify: { isPossible: () => true, request: () => ({ ask: 'read' }), classify: (thing) => (thing === null ? 'dead' : 'alive') },
  undo: { needsFormer: true, request: (intent) => ({ ask: 'create', what: intent.former! }), classify: () => ({ kind: 'done' }) },
};

function life(store: Store, shelf: Shelf, timing = new ManualTiming()): Rig {
  const rig = new Rig(store, { actions: [shelf.action()] }, timing);
  onTestFinished(() => rig.stop());
  rig.start();
  return rig;
}

async function takeBack(rig: Rig): Promise<void> {
  expect([rig.desk.undo('a-0', 'rosa'), rig.desk.undo('a-0', 'sam')]).toEqual([{ ok: true }, { ok: true }]);
  await rig.timing.pass(5_000);
}

test('it is noted before the call, told to nobody, and brought back by it', async () => {
  const shelf = new Shelf();
  const rig = life(opened(null), shelf);
  rig.propose(proposalOf('a'));
  await rig.timing.pass(5_000);
  expect([rig.stands('a-0'), rig.intent('a-0').former, shelf.thing]).toEqual(['verified: probed', 'a thing', null]);
  const notes = rig.notes('a-0');
  expect(notes.slice(notes.indexOf('intent.sending'))).toEqual(['intent.sending', 'intent.former', 'intent.accepted', 'intent.verified']);
  expect('former' in intentView(rig.intent('a-0'), shelf.action())).toBe(false);
  await takeBack(rig);
  expect([rig.stands('a-0').split(':')[0], shelf.thing]).toEqual(['undone', 'a thing']);
});

test('killed at any question and begun again, it is gone, and can still be brought back', async () => {
  for (const endsBefore of [true, false]) {
    for (let endsAt = 1; endsAt <= 4; endsAt++) {
      const [store, shelf] = [openStore(null), Object.assign(new Shelf(), { endsAt, endsBefore })];
      const first = life(store, shelf);
      first.propose(proposalOf('a'));
      await first.timing.pass(1_000);
      await first.stop();
      shelf.endsAt = Infinity;
      const next = life(store, shelf, first.timing);
      await next.timing.pass(300_000);
      expect([next.stands('a-0').split(':')[0], shelf.thing], `${endsAt} ${endsBefore}`).toEqual([expect.stringMatching(/verified|unknown/), null]);
      await takeBack(next);
      expect([next.stands('a-0').split(':')[0], shelf.thing], `${endsAt} ${endsBefore}`).toEqual(['undone', 'a thing']);
      await next.stop();
      await store.close();
    }
  }
});

test('what cannot be noted is not done', async () => {
  const [store, shelf] = [opened(null), new Shelf()];
  const { effects } = store;
  const transact = effects.transact.bind(effects);
  effects.transact = (work) => transact(() => {
    const written = work();
    if (written?.intents?.some(({ former }) => former !== undefined) === true) throw new StoreError('the disk is full');
    return written;
  });
  const rig = new Rig(store, { actions: [shelf.action()] });
  rig.propose(proposalOf('a'));
  const end = rig.executor.start().then(() => null, (error: unknown) => error);
  await rig.timing.pass(20_000);
  expect([String(await end), shelf.thing, rig.pages()]).toEqual(['StoreError: the disk is full', 'a thing', ['store_failed']]);
  expect(shelf.seen).not.toContain('delete');
});

test('where nothing was there to be destroyed, nothing is brought back', async () => {
  const shelf = new Shelf();
  shelf.thing = null;
  const rig = life(opened(null), shelf);
  rig.propose(proposalOf('a'));
  await rig.timing.pass(300_000);
  expect([rig.stands('a-0'), rig.intent('a-0').former]).toEqual(['unknown: never_seen_alive', undefined]);
  await takeBack(rig);
  expect([rig.stands('a-0'), shelf.seen.includes('create')]).toEqual(['failed: nothing_noted', false]);
});
