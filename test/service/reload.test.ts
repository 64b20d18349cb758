import { expect, test } from 'vitest';
import { ReloadableInventory } from '../../src/service/reload.ts';
import { EntityMap } from '../../src/state/entities.ts';

type Inventory = ConstructorParameters<typeof ReloadableInventory>[3];

const owned = (owner: string): Inventory => [{ match: { client: 'rates' }, workload: null, kind: null, owner }] as unknown as Inventory;

function world() {
  const meta = new Map<string, string>();
  const store = { getMeta: (key: string) => meta.get(key) ?? null, setMeta: (key: string, value: string) => void meta.set(key, value) };
  const current = new EntityMap<string>('settings');
  const applied: Inventory[] = [];
  const open = (inventory: Inventory) => new ReloadableInventory(store, current, (now) => applied.push(now), inventory);
  return { open, applied, current };
}

test('the first inventory holds from the start, with nothing pending', () => {
  const { open, applied } = world();
  expect(open(owned('logistics')).pending()).toBeNull();
  expect(applied).toEqual([owned('logistics')]);
});

test('a change holds only once the loop follows it', () => {
  const { open, applied } = world();
  const settings = open(owned('logistics'));
  settings.change(owned('shipping'));
  expect(applied).toHaveLength(1);
  settings.follow(settings.pending() as string);
  expect([settings.pending(), applied.at(-1)]).toEqual([null, owned('shipping')]);
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
