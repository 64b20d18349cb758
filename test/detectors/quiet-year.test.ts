import { expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { Asked } from '../../src/engine/asked.ts';
import type { Context } from '../../src/model/detector.ts';
import { Harness } from '../support/detector-harness.ts';
import { day, epoch, eventsOfDay, makeEstate } from '../support/estate/estate.ts';

const outage = [200, 214] as const;
/** Nothing became of anybody. */
const nothing = { fate: 0, silence: null, unissued: null, bill: null } as Context;

it('is silent over a year of forty quiet workloads, with two weeks of log missing', { timeout: 60_000 }, () => {
  const members = makeEstate(40, 1);
  const world = { outages: [[epoch + outage[0] * day, epoch + outage[1] * day]] as const, issued: new Map<string, number>() };
  const harnesses = detectors.map((detector) => new Harness(detector, {}, world));
  const asked = new Asked(detectors);
  const alerts: string[] = [];
  let events = 0;
  for (let number = 0; number < 365; number += 1) {
    if (number >= outage[0] && number < outage[1]) continue;
    for (const event of eventsOfDay(members, number)) {
      events += 1;
      for (const place of asked.about(event, nothing, false)) {
        const hit = harnesses[place]?.observe(event);
        if (hit?.first === true) alerts.push(`day ${number}: ${hit.finding.reason}`);
      }
    }
  }
  expect(alerts).toEqual([]);
  expect(events).toBeGreaterThan(250_000);
  expect(new Set(members.map((member) => member.profile)).size).toBe(13);
});
