import { signal } from '@preact/signals';
import { ask } from './dialog.tsx';
import { go, hrefOf, route } from './route.ts';

const most = 12;
const place = 'views';

/** A list as it was filtered, under a name, in this browser. The address alone says the same to others. */
interface Saved { readonly name: string; readonly query: string }

const saved = signal<readonly Saved[]>(read());

function read(): readonly Saved[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(found) ? found.filter(isSaved).slice(0, most) : [];
  } catch {
    return [];
  }
}

function isSaved(one: unknown): one is Saved {
  return typeof one === 'object' && one !== null && 'name' in one && typeof one.name === 'string' && 'query' in one && typeof one.query === 'string';
}

function keep(views: readonly Saved[]): void {
  saved.value = views.slice(-most);
  localStorage.setItem(place, JSON.stringify(saved.value));
}

async function save(): Promise<void> {
  const query = route.value.query.toString();
  const text = 'It stays in this browser. The address of the page says the same to others.';
  const name = await ask({ title: 'Save this view?', text, input: 'Name', confirm: 'Save' });
  if (name !== null) keep([...saved.value.filter((one) => one.name !== name), { name, query }]);
}

export function SavedViews() {
  const now = route.value.query.toString();
  const isKnown = saved.value.some(({ query }) => query === now);
  return (
    <div class="saved">
      {saved.value.map((one) => <View key={one.name} view={one} isShown={one.query === now} />)}
      {now === '' || isKnown ? null : <button type="button" class="quiet" onClick={() => void save()}>Save view</button>}
    </div>
  );
}

function View({ view: { name, query }, isShown }: { view: Saved; isShown: boolean }) {
  const show = (): void => go(hrefOf('alerts', null, new URLSearchParams(query)));
  const forget = (): void => keep(saved.value.filter((one) => one.name !== name));
  return (
    <span class={`pill ${isShown ? 'chosen' : ''}`}>
      <button type="button" class="quiet" aria-pressed={isShown} onClick={show}>{name}</button>
      <button type="button" class="quiet" aria-label={`forget the view ${name}`} onClick={forget}>✕</button>
    </span>
  );
}
