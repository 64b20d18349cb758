import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { actionSchema, type ActionSection } from '../../../../src/config/respond-schema.ts';
import type { Intent, StepKind, Target } from '../../../../src/model/intent.ts';
import { openActions } from '../../../../src/respond/actions/index.ts';
import type { Action, Liveness } from '../../../../src/respond/port.ts';
import type { DenialStore } from '../../../../src/store/denial-port.ts';
import type { Fake } from '../../../support/providers/fake.ts';
import { fileWith, intentOf, signal } from '../support.ts';

export const secret = 'a-secret-canary+/=';

/** What speaks HTTP keeps no list. */
export const noDenials = null as unknown as DenialStore;

export interface Parts { readonly token?: string; readonly now?: () => number }

/** The action as the configuration makes it. */
export function open(section: object, { token, now }: Parts = {}): Action {
  const parsed: ActionSection = actionSchema.parse({ name: 'action', allow_private: true, ...section });
  const parts = { denials: noDenials, openToken: token === undefined ? null : () => token, ...(now === undefined ? {} : { now }) };
  return openActions([parsed], parts).actions.get('action')!;
}

export function revoke(target: Partial<Target>, kind: StepKind = 'revoke'): Intent {
  return intentOf({ kind, target });
}

/** Alive, stopped, dead; again without harm; and back where there is an undo. Every request as documented. */
export async function expectStory(action: Action, intent: Intent, fake: Fake): Promise<void> {
  const probe = async (part: Partial<Intent> = {}): Promise<Liveness> => action.probe!({ ...intent, ...part }, signal);
  const began = { sentMs: intent.sentMs ?? Date.now() };
  expect(action.fits(intent.target, intent.kind)).toBeNull();
  expect(await probe(), 'before').toBe('alive');
  expect(await action.perform({ ...intent, ...began }, signal)).toEqual({ kind: 'done' });
  expect(await probe(began), 'after').toBe('dead');
  expect(['done', 'already']).toContain((await action.perform({ ...intent, ...began }, signal)).kind);
  expect(await probe(began), 'after a second call').toBe('dead');
  if (action.undo !== null) {
    expect(['done', 'already']).toContain((await action.undo({ ...intent, ...began, undoing: true }, signal)).kind);
    expect(await probe(began), 'after the undo').toBe('alive');
  }
  expect(fake.faults).toEqual([]);
}

export function rsaKeys(): { readonly file: string; readonly pem: string; readonly publicKey: ReturnType<typeof generateKeyPairSync>['publicKey'] } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { file: fileWith(pem), pem, publicKey };
}
