import { signal } from '@preact/signals';
import { acknowledge, decideFirst } from './deciding.ts';
import { loadQueue } from './queue-state.ts';
import { go, hrefOf, route, select, views } from './route.ts';
import { move } from './rows.tsx';
import { assignToMe } from './triage.tsx';

export const showsHelp = signal(false);

/** The whole page can be used without a mouse. Keys mean nothing while somebody types. */
export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
  const { target, key } = event;
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
    if (key === 'Escape') target.blur();
    return;
  }
  const view = views[Number(key) - 1];
  const action = view === undefined ? { ...everywhere, ...(route.value.view === 'alerts' ? onAlerts : {}) }[key] : () => go(hrefOf(view));
  if (action === undefined) return;
  event.preventDefault();
  action();
}

type Actions = Readonly<Record<string, () => void>>;

const everywhere: Actions = {
  Escape: back,
  '/': () => document.querySelector<HTMLInputElement>('#search')?.focus(),
  '?': () => { showsHelp.value = !showsHelp.value; },
};

function back(): void {
  const { view, id } = route.value;
  if (showsHelp.value) showsHelp.value = false;
  else if (view === 'alerts') select(null);
  else if (id !== null) history.back();
}

const onAlerts: Actions = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), n: () => void loadQueue(),
  a: () => void decideFirst('approve'), x: () => void decideFirst('reject'), c: () => void acknowledge(),
  m: () => void assignToMe(), w: () => document.querySelector<HTMLInputElement>('#note')?.focus(),
};
