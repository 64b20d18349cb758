import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { loadConfiguration } from '../../src/config/configuration.ts';
import type { Exception } from '../../src/model/exception.ts';
import { fixedOf, reloadableOf, ReloadableBundle, type ReloadableSettings } from '../../src/service/reload.ts';
import { EntityMap } from '../../src/state/entities.ts';

const rule = { name: 'stolen', plan: [], mode: 'observe', match: { severity: 73, detectors: null, tokenKinds: null, identityKinds: null, identities: null } } as const;
const owned = (owner: string): ReloadableSettings => ({
  inventory: [{ match: { client: 'rates' }, workload: null, kind: null, owner }], exceptions: [], policy: [], neverRevoke: [],
});
const moving: Exception = {
  name: 'move', kind: 'migration', match: { client: 'rates' }, detectors: ['unfamiliar-ip'], networks: ['192.0.2.0/24'],
  reason: 'a move', author: 'ann', approver: 'ben', fromMs: 1, untilMs: 2,
};

function world() {
  const meta = new Map<string, string>();
  const store = { getMeta: (key: string) => meta.get(key) ?? null, setMeta: (key: string, value: string) => void meta.set(key, value) };
  const current = new EntityMap<string>('settings');
  const applied: ReloadableSettings[] = [];
  const open = (settings: ReloadableSettings) => new ReloadableBundle(store, current, (now) => applied.push(now), settings);
  return { open, applied, current, meta };
}

test('the first settings hold from the start, with nothing pending', () => {
  const { open, applied } = world();
  expect(open(owned('logistics')).pending()).toBeNull();
  expect(applied).toEqual([owned('logistics')]);
});

test.each([
  ['inventory', owned('shipping')],
  ['exceptions', { ...owned('logistics'), exceptions: [moving] }],
  ['policy', { ...owned('logistics'), policy: [rule] }],
  ['never_revoke', { ...owned('logistics'), neverRevoke: [{ identity: 'deploy' }] }],
])('a change of %s holds only once the loop follows it', (_, changed) => {
  const { open, applied } = world();
  const settings = open(owned('logistics'));
  settings.change(changed);
  expect(applied).toHaveLength(1);
  settings.follow(settings.pending() as string);
  expect([settings.pending(), applied.at(-1)]).toEqual([null, changed]);
});

test('after a restart the version of the checkpoint holds first, then the one of the file', () => {
  const { open, applied } = world();
  open(owned('logistics'));
  const again = open(owned('shipping'));
  expect(applied.at(-1)).toEqual(owned('logistics'));
  again.follow(again.pending() as string);
  expect(applied.at(-1)).toEqual(owned('shipping'));
});

test('what the journal names is found in the store', () => {
  const { open, applied } = world();
  const settings = open(owned('logistics'));
  settings.change(owned('shipping'));
  const hash = settings.pending() as string;
  settings.change(owned('finance'));
  settings.follow(hash);
  expect(applied.at(-1)).toEqual(owned('shipping'));
  expect(() => settings.follow('unknown')).toThrow('does not hold');
});

test('a store of a version that knew only the inventory goes on with it', () => {
  const { open, applied, current, meta } = world();
  meta.set('inventory.h1', JSON.stringify(owned('logistics').inventory));
  current.set('inventory', 'h1');
  const settings = open({ ...owned('logistics'), policy: [rule] });
  expect(applied).toEqual([owned('logistics')]);
  settings.follow(settings.pending() as string);
  expect([settings.pending(), applied.at(-1)?.policy]).toEqual([null, [rule]]);
});

test('policy, inventory, posture and never_revoke need no restart; everything else does', () => {
  const of = (environment: Record<string, string>) => loadConfiguration({ file: null, environment, detectors });
  const [plain, reloaded] = [of({}), of({
    TOKENWARD_POLICY__0__NAME: 'stolen', TOKENWARD_POLICY__0__PLAN: '[]', TOKENWARD_RESPOND__NEVER_REVOKE__0__IDENTITY: 'deploy',
    TOKENWARD_INVENTORY__0__MATCH__CLIENT: 'rates', TOKENWARD_POSTURE__DORMANT_AFTER: '30d',
  })];
  expect(fixedOf(reloaded)).toBe(fixedOf(plain));
  expect(reloadableOf(reloaded)).toMatchObject({ policy: [{ name: 'stolen', plan: [] }], neverRevoke: [{ identity: 'deploy' }], inventory: [{ match: { client: 'rates' } }] });
  for (const environment of [{ TOKENWARD_RESPOND__MAX_DEPENDENTS: '3' }, { TOKENWARD_RESPOND__CAPS__PER_DAY: '5' }, { TOKENWARD_STORE__DIR: 'x' }]) {
    expect(fixedOf(of(environment))).not.toBe(fixedOf(plain));
  }
});
