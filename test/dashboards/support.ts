import type { Alert } from '../../src/model/alert.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { LiveOptions } from '../../src/server/live.ts';
import { temporaryFolder } from '../end-to-end/support.ts';
import { liveLife, type LiveLife } from '../service/live-support.ts';
import { alertOf, batchOf, incidentOf } from '../store/alerts.ts';
import { builtPage, openBrowser } from '../support/browser.ts';
import { watchedPage, type WatchedPage } from '../support/browser-page.ts';

/** Nobody need log in: everybody is a viewer. */
export const open: Partial<LiveOptions> = { accounts: null };

export interface Desk extends WatchedPage, LiveLife {}

/** Whether anybody is logged in is asked before anybody can be. */
const firstQuestion = /status of 401 .*\/api\/session$/;

/** The page in a browser, before a service with a real store. `fill` is done before it is opened. */
export async function openDesk(fill: (life: LiveLife) => void, path = '', live: Partial<LiveOptions> = open, expected = firstQuestion): Promise<Desk> {
  const life = await liveLife(temporaryFolder(), 0, { pageDir: builtPage, ...live });
  fill(life);
  const browser = await openBrowser();
  return { ...life, ...await watchedPage(browser, `${life.url}/${path}`, {}, expected) };
}

export function eventAt(timeMs: number, part: Partial<TokenEvent> = {}): TokenEvent {
  return { ...emptyEvent('ecs', timeMs), id: `event-${timeMs}`, ...part };
}

/** Alerts of one incident each, a second apart, the newest last; what `of` gives of each. */
export function store({ assembly }: LiveLife, count: number, of: (place: number) => Partial<Alert>, prefix = 'alert'): void {
  const alerts = Array.from({ length: count }, (_, place) => alertOf(`${prefix}-${place}`, 1, {
    incidentId: `incident-${prefix}-${place}`, startMs: 1000 * place, endMs: 1000 * place, createdMs: 1000 * place, ...of(place),
  }));
  const incidents = alerts.map(({ id, incidentId, startMs, first: { identityId } }) => (
    { ...incidentOf(incidentId, 1, startMs), alertIds: [id], identityIds: identityId === null ? [] : [identityId] }));
  assembly.store.effects.commit(batchOf({ alerts, incidents }));
}

/** Runs in the page. */
export function scrollTo(box: { scrollTop: number }, top: number): void {
  box.scrollTop = top;
}
