import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { dayMs, live, logsOf } from '../../support/logs/company.ts';
import { Chance } from '../../support/logs/random.ts';
import type { Request } from '../../support/logs/records.ts';
import { ResponseRig } from './response-rig.ts';
import { faulty, linesOf, rates, settings, theft, use } from './storm.ts';

// What somebody could do beforehand, so that nobody is stopped later.

const odd = 'identity.name.startsWith("service-")';

function named(request: Request, minutesAgo = 0): Request {
  return { ...request, startMs: request.startMs - minutesAgo * 60_000 };
}

test('a day of old events does nothing; twenty worthless tokens burn the day\'s cap but for what is kept; a named victim is left alone, and stopped once stolen', async () => {
  const rig = await ResponseRig.open({
    ...settings, rules: { one: faulty('odd', 'lifecycle', odd), two: faulty('odd-again', 'workload', odd) },
    respond: '  caps: { per_minute: 1000, per_hour: 1000, per_day: 20, share_of_tokens: 0 }',
  });
  onTestFinished(() => rig.close());
  const chance = new Chance(9);
  const own = live(rates, { seed: 9, startMs: Date.now() - 21 * dayMs - 3_600_000, days: 21 });
  rig.learn('past.ndjson', logsOf([own]).gateway);
  const life = rig.start();
  const stands = () => rig.read(({ responses }) => responses.intentCounts());
  await life.address();

  rig.append('live.ndjson', linesOf(Array.from({ length: 80 }, (_, place) => named(use(1_010 + place, chance), 24 * 60 - place * 17))));
  await life.until('the old ones are looked at', async () => (await stands())['stale'] === 80);
  expect(rig.receiver.deliveries).toEqual([]);

  rig.append('live.ndjson', linesOf(Array.from({ length: 25 }, (_, place) => use(10 + place, chance))));
  await life.until('the cap is reached', async () => rig.receiver.effects.length === 16 && (await stands())['waiting_approval'] === 9);

  // From where the thief will come, too.
  rig.append('live.ndjson', linesOf(theft(own.last).map((request) => ({ ...request, status: 401 }))));
  await sleep(2_000);
  expect(rig.receiver.dead.has(own.last.jti)).toBe(false);
  expect(await rig.read(({ responses }) => responses.intents().filter(({ target }) => target.handle === own.last.jti))).toEqual([]);

  rig.append('live.ndjson', linesOf(theft(own.last)));
  await life.until('the theft is over', () => rig.receiver.dead.has(own.last.jti));
  expect(rig.receiver.effects).toHaveLength(17);
  expect(rig.pages('over_cap')).toBe(1);
}, 120_000);
