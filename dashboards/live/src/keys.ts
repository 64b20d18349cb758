import { signal } from '@preact/signals';
import { acknowledge, decideFirst } from './deciding.ts';
import { letIn, queue, select, selectedId } from './state.ts';

export const showsHelp = signal(false);

/** The whole page can be used without a mouse. Keys mean nothing while somebody types. */
export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (typing) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const action = actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
}

const actions: Readonly<Record<string, () => void>> = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), n: letIn,
  Escape: () => { if (showsHelp.value) showsHelp.value = false; else select(null); },
  a: () => void decideFirst('approve'), x: () => void decideFirst('reject'), c: () => void acknowledge(),
  '/': () => document.querySelector<HTMLInputElement>('#search')?.focus(),
  '?': () => { showsHelp.value = !showsHelp.value; },
};

function move(by: number): void {
  const list = queue.value;
  const place = list.findIndex(({ id }) => id === selectedId.value);
  const next = list[Math.min(list.length - 1, Math.max(0, place + by))];
  if (next === undefined) return;
  select(next.id);
  document.getElementById(`row-${next.id}`)?.scrollIntoView({ block: 'nearest' });
}
