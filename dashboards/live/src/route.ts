import { computed, signal } from '@preact/signals';

/** Those of the bar, in the order of their keys. */
export const views = ['alerts', 'incidents', 'tokens', 'response', 'health', 'trends', 'exceptions'] as const;
/** An identity's page is reached from everything that names it. */
const known = [...views, 'identities'] as const;
export type View = (typeof known)[number];

/** What the page shows, as its address says: `#/alerts/ID?status=open`. So everything that is seen can be linked to. */
export interface Route { readonly view: View; readonly id: string | null; readonly query: URLSearchParams }

const inAddress = signal(location.hash);

export const route = computed<Route>(() => {
  const [, name, id, query = ''] = /^#\/(\w+)(?:\/([^/?#]{1,3000}))?(?:\?(.{0,1000}))?$/.exec(inAddress.value) ?? [];
  return { view: known.find((one) => one === name) ?? 'alerts', id: id === undefined ? null : decoded(id), query: new URLSearchParams(query) };
});

/** Of an address that somebody has broken nothing is shown. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

export const selectedId = computed(() => (route.value.view === 'alerts' ? route.value.id : null));

export function hrefOf(view: View, id: string | null = null, query: URLSearchParams | null = null): string {
  const rest = query?.toString() ?? '';
  return `#/${view}${id === null ? '' : `/${encodeURIComponent(id)}`}${rest === '' ? '' : `?${rest}`}`;
}

/** `replace`: the browser's way back leads to the view before, not to each step within it. */
export function go(href: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  inAddress.value = location.hash;
}

/** Chooses an alert without leaving the list; `null`: none. */
export function select(id: string | null): void {
  go(hrefOf('alerts', id, route.value.view === 'alerts' ? route.value.query : null), route.value.view === 'alerts' ? 'replace' : 'push');
}

/** Changes what the view filters by; what is empty is left out. */
export function setQuery(part: Readonly<Record<string, string>>): void {
  const { view, id, query } = route.value;
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(part)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  go(hrefOf(view, id, next), 'replace');
}

addEventListener('popstate', () => { inAddress.value = location.hash; });
addEventListener('hashchange', () => { inAddress.value = location.hash; });
