import { expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import unfamiliarIp from '../../detectors/unfamiliar-ip.ts';
import type { Alert } from '../../src/model/alert.ts';
import type { Detector } from '../../src/model/detector.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { alertDocument } from '../../src/sinks/alert-document.ts';
import { Harness } from '../support/detector-harness.ts';
import { hourMs, startMs, use, world } from '../engine/harness.ts';

// What people complain of in alerts elsewhere that cannot be joined, come by the thousand, too late, or bare, with the numbers they give.
const day = 24;
const home = { networkBlock: '3.5.140.0/24', sourceIp: '3.5.140.7', asNumber: 16_509, country: 'DE', networkClass: 'hosting' } as const;
const vpn = { networkBlock: '37.120.130.0/24', sourceIp: '37.120.130.9', asNumber: 9_009, country: 'RO', networkClass: 'vpn' } as const;
const unfamiliar = unfamiliarIp as unknown as Detector;

const call = (hour: number, number: number, more: Partial<TokenEvent>): TokenEvent => use(hour, 0, {
  identityId: `svc-${number}`, identityName: `svc-${number}`, token: `k1.token-${number}`, tokenHandle: `AKIA${number}`, tokenKind: 'access_key', lifecycle: 'used',
  userAgent: 'sdk/1', ...home, ...more,
});

/** So many identities of one place each for three weeks, then what comes. */
function settled(identities: number): ReturnType<typeof world> {
  const met = world([unfamiliar]);
  for (let each = 0; each < 21 * identities; each += 1) met.engine.process(call(Math.floor(each / identities) * day, each % identities, {}));
  expect(met.alerts.size).toBe(0);
  return met;
}

const documentOf = (alert: Alert): Record<string, unknown> => alertDocument(alert, unfamiliar, null, []);

it('the id of the token is not in the alert, so a rule above it joins by address: here each alert names token and handle, whatever the address', () => {
  const met = settled(2);
  // Two tokens behind one address of a VPN, and one of them behind another.
  for (const [number, block] of [[0, 130], [1, 130], [0, 131]] as const) {
    met.engine.process(call(21 * day + number / 10, number, { ...vpn, networkBlock: `37.120.${block}.0/24`, sourceIp: `37.120.${block}.9` }));
  }
  const documents = [...met.alerts.values()].map(documentOf) as { tokenward: { token: { fingerprint: string; handle: string } }; source: { ip: string } }[];
  expect(documents.map(({ tokenward: { token } }) => [token.fingerprint, token.handle])).toEqual([['k1.token-0', 'AKIA0'], ['k1.token-1', 'AKIA1']]);
  expect(new Set(documents.map(({ source }) => source.ip)).size).toBe(1);
});

it('2,000 session tokens a day, and of 2.6 million roles taken on and 1.4 million commands sent in 60 days a hundredth: no alert in a fortnight', () => {
  const harnesses = detectors.filter(({ restsOn }) => restsOn === 'workload').map((detector) => new Harness(detector));
  const kinds = [['GetSessionToken', 2_000], ['AssumeRole', 433], ['SendCommand', 233]] as const;
  let calls = 0;
  let alerts = 0;
  for (let number = 0; number < 14; number += 1) {
    for (const [action, aDay] of kinds) {
      for (let each = 0; each < aDay; each += 1) {
        const caller = each % 40;
        const event = call(number * day + each / aDay * day, caller, {
          action, cloudAccount: 'acme', identityId: `${action}-${caller}`, identityKind: 'service', issuedIdentityId: action === 'AssumeRole' ? `role-${caller}` : null,
        });
        calls += 1;
        for (const harness of harnesses) if (harness.observe(event) !== null) alerts += 1;
      }
    }
  }
  expect([calls, alerts]).toEqual([37_324, 0]);
});

it('a guard against floods switches a rule off while something really spreads: 300 at once are 300 alerts', () => {
  const met = settled(300);
  for (let number = 0; number < 300; number += 1) met.engine.process(call(21 * day + number / 1e4, number, vpn));
  expect(met.alerts.size).toBe(300);
});

it('an alert 3 hours and 40 minutes after the event, behind 350,000 records an hour: here it is raised at the record itself', () => {
  const met = settled(1);
  const crowd = 35_000;
  for (let each = 0; each < crowd; each += 1) met.engine.process(call(22 * day + each / crowd, 1_000 + each % 50, { lifecycle: null, networkBlock: null, sourceIp: null }));
  met.engine.process(call(23 * day, 0, vpn));
  expect([...met.alerts.values()].map(({ createdMs }) => createdMs - startMs)).toEqual([23 * day * hourMs]);
});

it('context that comes minutes after the alert, when the automation has run: here the first version has it', () => {
  const met = settled(1);
  met.engine.process(call(21 * day, 0, vpn));
  const [alert] = met.alerts.values();
  expect(alert).toMatchObject({ version: 1, count: 1, handles: ['AKIA0'] });
  expect(documentOf(alert!)).toMatchObject({
    tokenward: { identity: { id: 'svc-0' }, token: { handle: 'AKIA0' }, alert: { baseline: { knownBlocks: 1 }, observed: { networkClass: 'vpn', country: 'RO' } } },
    source: { ip: '37.120.130.9' },
  });
});
