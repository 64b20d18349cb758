import { describe, expect, test } from 'vitest';
import type { Surroundings } from '../../src/engine/gatherings.ts';
import type { ChangedIncident, Incidents } from '../../src/engine/incidents.ts';
import type { Alert } from '../../src/model/alert.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { Finding } from '../../src/model/finding.ts';
import { open } from '../../src/engine/episode.ts';
import { incidentsInMemory, tablesInMemory } from '../support/incidents.ts';
import { use } from './harness.ts';

const dayHours = 24;

interface Raised { readonly hours: number; readonly detector?: string; readonly identity?: string; readonly severity?: Finding['severity']; readonly event?: Partial<TokenEvent> }

const atVps = { networkBlock: '185.1.2.0/24', networkClass: 'hosting', asNumber: 24940 } as const;

class Book {
  readonly tables = tablesInMemory();
  incidents: Incidents;
  readonly #known: Surroundings;
  readonly alerts: Alert[] = [];
  changed: ChangedIncident[] = [];

  constructor(known: Partial<Surroundings> = {}) {
    this.#known = { vendorOf: () => null, issuerOf: () => null, ...known };
    this.incidents = incidentsInMemory(this.#known, this.tables);
  }

  restart(): void {
    this.incidents = incidentsInMemory(this.#known, this.tables);
  }

  raise({ hours, detector = 'unfamiliar-ip', identity = 'a', severity = 73, event: fields = {} }: Raised): Alert {
    const event = use(hours, 100, { id: `${detector} ${identity} ${hours}`, identityId: identity, token: `token-${identity}`, ...fields });
    const finding: Finding = { severity, surpriseBits: 20, confidence: 1, reason: 'odd', baseline: {}, observed: {}, deviates: 'network' };
    const { alert } = open(detector, identity, event, finding, false);
    this.changed = this.incidents.add(alert, identity, event.token, { event, deviates: 'network' });
    this.alerts.push(alert);
    return alert;
  }

  incidentOf(alert: Alert) {
    const current = this.incidents.currentId(alert.incidentId);
    return this.changed.find(({ incident }) => incident.id === current)!.incident;
  }

  /** Seen at work in a place that it had before or not. */
  see(identity: string, hours: number, networkBlock: string, isOld = true): void {
    const event = use(hours, 10, { identityId: identity, networkBlock });
    this.changed = this.incidents.awaits(event) ? this.incidents.returned(event, () => isOld) : [];
  }
}

describe('a chain', () => {
  test('tells its stages in order, each with its first alert, however late they came', () => {
    const book = new Book();
    const egress = book.raise({ hours: 30, detector: 'egress-spike' });
    const used = book.raise({ hours: 20 });
    book.raise({ hours: 21, detector: 'concurrent-use' });
    const leak = book.raise({ hours: 19, detector: 'leaked-token-use' });
    const { story } = book.incidentOf(leak);
    expect(story).toMatchObject({ kind: 'chain', name: null, severity: 73 });
    expect(story!.stages.map(({ stage, alertId }) => [stage, alertId])).toEqual([['leak', leak.id], ['use', used.id], ['egress', egress.id]]);
  });

  test('goes over clouds where they name the same workload or person, and over days; what comes a week later is another', () => {
    const book = new Book();
    const person = { userEmail: 'Ann@Example.org' };
    const first = book.raise({ hours: 0, identity: 'okta|ann', event: person });
    const second = book.raise({ hours: 40, identity: 'arn:aws:sts::1:assumed-role/x', detector: 'egress-spike', event: { userEmail: 'ann@example.org', workloadId: 'rates' } });
    const third = book.raise({ hours: 80, identity: 'sa@gcp', event: { workloadId: 'rates' } });
    expect([second.incidentId, third.incidentId]).toEqual([first.incidentId, first.incidentId]);
    expect(book.incidentOf(third).story!.kind).toBe('chain');
    expect(book.raise({ hours: 80 + 8 * dayHours, identity: 'okta|ann', event: person }).incidentId).not.toBe(first.incidentId);
  });

  test('goes on with whom a credential was made for', () => {
    const book = new Book();
    const inAccount = { cloudAccount: '111122223333' };
    const minted = book.raise({ hours: 0, detector: 'suspicious-minting', event: { ...inAccount, userName: 'ann', targetUserName: 'backdoor', issuedIdentityId: 'role' } });
    const named = book.raise({ hours: 5, identity: 'aws:AIDA1', detector: 'egress-spike', event: { ...inAccount, userName: 'backdoor' } });
    const issued = book.raise({ hours: 6, identity: 'role' });
    const elsewhere = book.raise({ hours: 7, identity: 'aws:AIDA2', event: { cloudAccount: '999988887777', userName: 'backdoor' } });
    const looked = book.raise({ hours: 8, identity: 'helpdesk', event: { ...inAccount, targetUserName: 'ann' } });
    expect([named, issued, elsewhere, looked].map(({ incidentId }) => incidentId === minted.incidentId)).toEqual([true, true, false, false]);
  });

  test('several detectors that rest on the same fields are no chain and add nothing to the risk', () => {
    const book = new Book();
    book.raise({ hours: 0 });
    const alone = book.incidentOf(book.alerts[0]!).riskScore;
    const again = book.raise({ hours: 1, detector: 'concurrent-use' });
    expect(book.incidentOf(again)).toMatchObject({ riskScore: alone, story: { kind: 'single' } });
    const other = book.raise({ hours: 2, detector: 'egress-spike' });
    expect(book.incidentOf(other).riskScore).toBeGreaterThan(alone);
  });
});

describe('a campaign', () => {
  test('is three identities at one rented server within a day: one critical incident, ids kept', () => {
    const book = new Book();
    const [first, second, third] = ['a', 'b', 'c'].map((identity, place) => book.raise({ hours: 5 * place, identity, event: atVps }));
    const { id, story, formerIds, riskScore } = book.incidentOf(third!);
    expect([id, story]).toEqual([first!.incidentId, { kind: 'campaign', name: '185.1.2.0/24', severity: 99, stages: expect.any(Array) }]);
    expect(riskScore).toBeGreaterThanOrEqual(99);
    expect(formerIds).toEqual([second!.incidentId, third!.incidentId]);
    expect(third!).toMatchObject({ mergedInto: id, incidentKind: 'campaign' });
    expect(new Set([first, second, third].map((one) => one!.incidentId)).size).toBe(3);
  });

  test('two are enough at Tor and at one seller of VPN access, whichever exit they take', () => {
    const tor = new Book();
    const vpn = new Book();
    for (const [place, identity] of ['a', 'b'].entries()) {
      tor.raise({ hours: place, identity, event: { networkBlock: `192.42.11${place}.0/24`, networkClass: 'tor' } });
      vpn.raise({ hours: place, identity, event: { networkBlock: `185.213.15${place}.0/24`, networkClass: 'vpn', asNumber: 39351, asOrganization: 'Mullvad' } });
    }
    expect([tor.incidentOf(tor.alerts[1]!).story, vpn.incidentOf(vpn.alerts[1]!).story]).toMatchObject([
      { kind: 'campaign', name: 'Tor' }, { kind: 'campaign', name: 'AS39351 (Mullvad)' },
    ]);
  });

  test.each<[string, readonly Raised[]]>([
    ['two at one rented server', [{ hours: 0, identity: 'a', event: atVps }, { hours: 1, identity: 'b', event: atVps }]],
    ['three on three days', [0, 30, 60].map((hours) => ({ hours, identity: `${hours}`, event: atVps }))],
    ['three at an office', ['a', 'b', 'c'].map((identity) => ({ hours: 0, identity, event: { ...atVps, networkClass: 'isp' } }))],
    ['weak signs', ['a', 'b', 'c'].map((identity) => ({ hours: 0, identity, severity: 21, event: atVps }))],
    ['three identities of one lineage', ['a', 'b', 'c'].map((identity) => ({ hours: 0, identity, event: { ...atVps, token: 'parent' } }))],
  ])('%s are none', (_, raised) => {
    const book = new Book();
    for (const one of raised) book.raise(one);
    expect(book.alerts.every((alert) => alert.incidentKind === 'single' && alert.mergedInto === null)).toBe(true);
  });

  test('others\' alerts are no evidence against a token, and its steps keep their incident', () => {
    const book = new Book();
    for (const identity of ['a', 'b']) book.raise({ hours: 0, identity, event: atVps });
    book.raise({ hours: 1, identity: 'b', detector: 'egress-spike', event: atVps });
    book.raise({ hours: 1, identity: 'c', event: atVps });
    const later = book.raise({ hours: 2, identity: 'c', detector: 'impossible-travel', event: atVps });
    expect(later.incidentId).toBe(book.alerts[3]!.incidentId);
    expect(book.incidents.of(book.alerts[0]!)!.detectors).toEqual(['unfamiliar-ip']);
    expect(book.incidents.of(book.alerts[1]!)!.detectors).toEqual(['unfamiliar-ip', 'egress-spike']);
    expect(book.incidents.of(later)!.incident.id).toBe(later.incidentId);
  });
});

describe('many at once', () => {
  const moved = { ...atVps, networkName: 'new-egress' };
  const move = (book: Book, fields: Partial<TokenEvent> = moved) => ['a', 'b', 'c'].map((identity, place) => book.raise({ hours: place, identity, event: fields }));
  const kindOf = (book: Book) => book.incidentOf(book.alerts[0]!).story!.kind;

  test('are an estate change where the place is declared, old places fall silent and nothing else is odd', () => {
    const book = new Book();
    move(book);
    expect(book.incidentOf(book.alerts[2]!).story).toMatchObject({ kind: 'estate-change', name: 'new-egress', severity: 73 });
    // A deployment takes its time.
    book.see('a', 0.5, 'old');
    expect(book.changed).toEqual([]);
  });

  test('are a campaign once an old place speaks again', () => {
    const book = new Book();
    move(book);
    book.see('b', 19, 'another new one', false);
    expect(book.changed).toEqual([]);
    book.see('b', 20, 'old');
    expect([kindOf(book), book.changed[0]!.isOther]).toEqual(['campaign', true]);
    book.see('b', 21, 'old');
    expect(book.changed).toEqual([]);
  });

  test('are a campaign once more than the place is odd', () => {
    const book = new Book();
    move(book);
    book.raise({ hours: 4, identity: 'b', detector: 'egress-spike', event: moved });
    expect(kindOf(book)).toBe('campaign');
  });

  test('are a campaign where nobody declared the place, unless somebody who is not there issued their tokens', () => {
    const [undeclared, proven, circle] = [new Book(), new Book({ issuerOf: () => 'deployer' }), new Book({ issuerOf: () => 'a' })];
    for (const book of [undeclared, proven, circle]) move(book, atVps);
    expect([undeclared, proven, circle].map(kindOf)).toEqual(['campaign', 'estate-change', 'campaign']);
  });

  test('of whom one came back to an office are no more than their alerts', () => {
    const book = new Book();
    move(book, { ...moved, networkClass: 'isp' });
    book.see('c', 20, 'home');
    expect(kindOf(book)).toBe('single');
  });
});

describe('a vendor', () => {
  const ofShip = { vendorOf: ({ identityId }: TokenEvent) => (identityId === 'own' ? null : 'shipfast') };

  test('of whom two credentials deviate alike within a day is named, wherever they turn up', () => {
    const book = new Book(ofShip);
    book.raise({ hours: 0, identity: 'a', event: { networkBlock: 'one' } });
    const second = book.raise({ hours: 20, identity: 'b', severity: 47, event: { networkBlock: 'two' } });
    expect(book.incidentOf(second).story).toMatchObject({ kind: 'vendor-compromise', name: 'shipfast', severity: 73 });
    expect(second.mergedInto).toBe(book.alerts[0]!.incidentId);
  });

  test.each<[string, readonly Raised[]]>([
    ['one of its credentials and one of another\'s', [{ hours: 0, identity: 'a' }, { hours: 1, identity: 'own' }]],
    ['two days apart', [{ hours: 0, identity: 'a' }, { hours: 48, identity: 'b' }]],
    ['in different ways', [{ hours: 0, identity: 'a' }, { hours: 1, identity: 'b', detector: 'egress-spike' }]],
  ])('is not named for %s', (_, raised) => {
    const book = new Book(ofShip);
    for (const one of raised) book.raise(one);
    expect(book.alerts.every((alert) => alert.mergedInto === null)).toBe(true);
  });
});

test('what is remembered of former hits only spares work: after a restart the same comes out', () => {
  const told = [false, true].map((restarts) => {
    const book = new Book();
    const hit = (alert: Alert, identity: string, hours: number, networkBlock: string) => {
      if (restarts) book.restart();
      const event = use(hours, 100, { identityId: identity, ...atVps, networkBlock });
      alert.endMs = event.orderMs;
      book.changed = book.incidents.add(alert, identity, `token-${identity}`, { event, deviates: 'network' });
    };
    const [a, b] = ['a', 'b'].map((identity, place) => book.raise({ hours: place, identity, event: atVps }));
    for (const hours of [2, 3, 30, 31]) hit(a!, 'a', hours, hours === 3 ? 'another' : atVps.networkBlock);
    const c = book.raise({ hours: 31.5, identity: 'c', event: atVps });
    hit(b!, 'b', 32, atVps.networkBlock);
    hit(c, 'c', 33, atVps.networkBlock);
    return [book.alerts.map(({ incidentKind, mergedInto }) => [incidentKind, mergedInto]), [...book.tables.incidents.all()], [...book.tables.gatherings.all()]];
  });
  expect(told[0]![0]).toEqual([['single', null], ['single', null], ['single', null]]);
  expect(JSON.stringify(told[1])).toBe(JSON.stringify(told[0]));
});

test('a flood at one place stays bounded', () => {
  const book = new Book();
  for (let place = 0; place < 1_000; place++) book.raise({ hours: place / 100, identity: `i${place}`, event: atVps });
  const { alertIds, identityIds, formerIds, story } = book.incidentOf(book.alerts[0]!);
  for (let place = 1_000; place < 1_100; place++) book.raise({ hours: place / 100, identity: `i${place}`, event: atVps });
  expect([alertIds.length, identityIds.length, formerIds!.length, JSON.stringify(story).length < 1_000]).toEqual([1_000, 1_000, 999, true]);
  expect(book.alerts.at(-1)).toMatchObject({ mergedInto: null, incidentKind: 'single' });
});
