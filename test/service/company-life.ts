import { Service } from '../../src/service/service.ts';
import { temporaryFolder } from '../end-to-end/support.ts';
import { batchOf } from '../store/alerts.ts';
import { companyWithThefts } from '../support/logs/thefts.ts';
import { liveLife, proposalOf, type LiveLife } from './live-support.ts';
import { MemorySource } from './memory-source.ts';
import { giveWay, silent, steppingClock, unasked, unchanging } from './support.ts';

const receivedMs = Date.UTC(2026, 5, 1);

/** What was found in the logs of a company with thefts, one step of response for the first. */
export async function companyLife(open: () => Promise<LiveLife> = () => liveLife(temporaryFolder()), days = 7): Promise<LiveLife> {
  const company = companyWithThefts({ seed: 5, services: 3, days, callsADay: 10, thefts: 1, stolenCalls: 40 });
  const feeds = Object.entries({ gateway: company.gateway, realm: company.realm, cloud: company.cloud }).map(([name, lines]) => ({ name, lines }));
  const life = await open();
  const { loop, effects, positions, normalizer, store } = life.assembly;
  let taken = 0;
  const service = new Service({
    loop, effects, positions, normalizer, sources: [new MemorySource(feeds, () => 50, receivedMs)], clock: steppingClock(receivedMs, 3), isFull: () => false, checkpointEveryMs: 60_000,
    observer: { ...silent, taken: (source, { events, ignored, refusals }) => { taken += events.length + ignored + refusals.length; life.api.taken(source); } },
    settings: unchanging, restarts: unasked, commands: { next: () => null },
  });
  let hasEnded = false;
  const running = service.run().finally(() => { hasEnded = true; });
  while (!hasEnded && taken < feeds.reduce((sum, { lines }) => sum + lines.length, 0)) await giveWay();
  service.stop();
  await running;
  const alert = [...store.effects.alerts()].find(({ tokens }) => tokens.length > 0)!;
  store.effects.commit(batchOf({ proposals: [proposalOf('n1', { incidentId: alert.incidentId, alertId: alert.id, target: { ...proposalOf('n1').target, token: alert.tokens[0]! } })] }));
  return life;
}
