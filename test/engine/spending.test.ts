import { describe, expect, it } from 'vitest';
import { serviceKey, servicesOfBill } from '../../src/engine/billed-services.ts';
import { Charges } from '../../src/engine/charges.ts';
import { hoursBetween, ServiceUsers } from '../../src/engine/service-users.ts';
import { Spending } from '../../src/engine/spending.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { EntityMap } from '../../src/state/entities.ts';
import { startMs } from './harness.ts';

const [hour, day] = [3_600_000, 86_400_000] as const;

function use(hours: number, identityId: string, fields: Partial<TokenEvent> = {}): TokenEvent {
  return Object.assign(emptyEvent('aws.cloudtrail', startMs + hours * hour), {
    identityId, identityName: identityId, token: `token-${identityId}`, tokenHandle: `AKIA-${identityId}`, tokenKind: 'access_key', cloudAccount: '1', service: 'ec2.amazonaws.com',
    outcome: 'success', authenticated: true,
  }, fields);
}
function bill(cost: number, fromDay: number, fields: Partial<TokenEvent> = {}): TokenEvent {
  const event = emptyEvent('aws.cost_anomaly', startMs + fromDay * day);
  return Object.assign(event, { cost, costCurrency: 'USD', cloudAccount: '1', service: 'Amazon Elastic Compute Cloud - Compute', category: ['threat'], endMs: event.timeMs + day - 1 }, fields);
}
const spending = () => new Spending(new ServiceUsers({ users: new EntityMap('service-user'), services: new EntityMap('account-service') }), new Charges(new EntityMap('charge')));

describe('an anomaly', () => {
  it('is laid before those who used the service in that time, as events that nobody vouches for', () => {
    const met = spending();
    for (let hours = 0; hours < 10 * 24; hours += 12) met.see(use(hours, 'deploy'));
    for (let hours = 240; hours < 260; hours += 1) met.see(use(hours, 'batch'));
    met.see(use(245, 'elsewhere', { service: 's3.amazonaws.com' }));
    met.see(use(245, 'refused', { outcome: 'failure' }));
    const billed = met.see(bill(4_100, 10));
    expect(billed.map(({ event, bill: { isNewcomer, callers, hoursPerDay, usualHoursPerDay } }) => [event.tokenHandle, event.authenticated, isNewcomer, callers, hoursPerDay, usualHoursPerDay]))
      .toEqual([['AKIA-batch', null, true, 1, 20, 0]]);
    met.see(use(250, 'deploy'));
    expect(met.see(bill(4_100, 10)).map(({ event, bill: { isNewcomer, callers } }) => [event.identityId, isNewcomer, callers])).toEqual([['batch', true, 2], ['deploy', false, 2]]);
  });

  it('that names an unknown service is about any of the account, of another account about nobody', () => {
    const met = spending();
    met.see(use(1, 'deploy'));
    expect(met.see(bill(10, 0, { service: 'Something New' })).length).toBe(1);
    expect(met.see(bill(10, 0, { cloudAccount: '2' }))).toEqual([]);
  });
});

describe('rows of a bill', () => {
  const row = (met: Spending, dayNumber: number, cost: number) => met.see(bill(cost, dayNumber, { category: null })).length;

  it('stand out once a day, where the day is twice what any was before, from the 15th day on', () => {
    const met = spending();
    for (let hours = 0; hours < 30 * 24; hours += 6) met.see(use(hours, 'deploy'));
    expect(row(met, 0, 10) + row(met, 1, 100)).toBe(0);
    for (let dayNumber = 2; dayNumber < 16; dayNumber += 1) expect(row(met, dayNumber, 90)).toBe(0);
    expect([row(met, 16, 150), row(met, 16, 60), row(met, 16, 500), row(met, 17, 190), row(met, 18, 1_500)]).toEqual([0, 1, 0, 0, 1]);
  });

  it('credits and rows of very many services are left out', () => {
    const books = new EntityMap<never>('charge');
    const charges = new Charges(books);
    for (let service = 0; service < 6_000; service += 1) charges.add(`1|${service}`, startMs, 5);
    charges.add('1|credit', startMs, -5);
    expect(books.size).toBe(5_000);
  });
});

it('of very many users and days the ones of longest ago go, and an hour is noted once', () => {
  const services = new EntityMap<string[]>('account-service');
  const users = new ServiceUsers({ users: new EntityMap('service-user'), services });
  for (let number = 0; number < 40; number += 1) users.note(use(number, `svc-${number}`));
  expect(users.of('1', ['ec2']).map(({ identityId }) => identityId)).toEqual(Array.from({ length: 16 }, (_, each) => `svc-${24 + each}`));
  for (let hours = 0; hours < 100 * 24; hours += 8) for (let again = 0; again < 3; again += 1) users.note(use(hours, 'svc-39'));
  const [last] = users.of('1', ['ec2']).filter(({ identityId }) => identityId === 'svc-39');
  expect([last!.days.length, hoursBetween(last!, startMs + 90 * day, startMs + 99 * day)]).toEqual([40, { hours: 30, days: 10 }]);
  for (let number = 0; number < 200; number += 1) users.note(use(5_000, 'svc', { service: `s${number}` }));
  for (let number = 0; number < 1_200; number += 1) users.note(use(5_000, 'svc', { cloudAccount: `a${number}` }));
  expect([services.get('1')!.length, services.size]).toEqual([64, 1_000]);
});

it.each([
  ['s3.amazonaws.com', 'Amazon Simple Storage Service'], ['compute.googleapis.com', 'Compute Engine'], ['MICROSOFT.SQL', 'SQL Database'],
])('%s is billed as %s', (service, billed) => {
  expect(servicesOfBill(billed)).toContain(serviceKey(service));
});
