import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/ingest/formats/index.ts';
import { ecsFields, eventDocument } from '../../../src/model/ecs.ts';
import { fittingTypes } from '../../../src/model/ecs-types.ts';
import { emptyEvent, type TokenEvent } from '../../../src/model/event.ts';
import { eventOf, linesOf, reader } from './support.ts';

const read = reader();
const folder = new URL('../../data/formats/', import.meta.url);

/** Everything but the position, which is that of the input an event was read from. */
function withoutPosition(event: TokenEvent): Partial<TokenEvent> {
  const { path: _path, offset: _offset, index: _index, source: _source, ...rest } = event;
  return rest;
}

describe('ecs', () => {
  test.each(formats.filter(({ id }) => id !== 'ecs').map(({ id }) => id))('reads back what was written of %s', (id) => {
    const names = readdirSync(new URL(`${id}/`, folder)).filter((name) => /\.(?:ndjson|log)$/.test(name));
    const outcomes = names.flatMap((name) => linesOf(new URL(`${id}/${name}`, folder))).map(read);
    const events = outcomes.filter((outcome) => outcome.kind === 'event').map(({ event }) => event);
    const again = events.map((event) => eventOf(read(JSON.stringify(eventDocument(event)))));
    expect(events.length).toBeGreaterThan(3);
    // ECS knows fewer types of some categories than providers tell.
    const written = events.map((event) => ({ ...event, type: event.type === null ? null : fittingTypes(event.category, event.type) }));
    expect(again.map(withoutPosition)).toEqual(written.map(withoutPosition));
  });

  test('has a way back for every field there is', () => {
    const event = Object.assign(emptyEvent('other.dataset', 1_790_000_000_000), marked());
    const again = eventOf(read(JSON.stringify(eventDocument(event))));
    expect(withoutPosition(again)).toEqual(withoutPosition(event));
  });

  test('keeps a foreign dataset, canonical address and path without query', () => {
    const event = eventOf(read(JSON.stringify({
      '@timestamp': '2026-11-22T02:14:00.000Z', ecs: { version: '8.11.0' }, event: { kind: 'event', dataset: 'okta.system', category: 'authentication' },
      source: { ip: '::ffff:203.0.113.7' }, url: { path: '/a?key=secret' }, tokenward: { token: { kind: 'nonsense' } },
    })));
    expect(event).toMatchObject({
      dataset: 'okta.system', category: ['authentication'], sourceIp: '203.0.113.7', urlPath: '/a', tokenKind: 'none', vantage: 'gateway', authenticated: null,
    });
  });

  test('claims neither alerts nor documents without a version', () => {
    const alert = { '@timestamp': '2026-11-22T02:14:00.000Z', ecs: { version: '8.11.0' }, event: { kind: 'alert' } };
    const plain = { '@timestamp': '2026-11-22T02:14:00.000Z', event: { kind: 'event' } };
    expect([alert, plain].map((document) => read(JSON.stringify(document)).kind)).toEqual(['refused', 'refused']);
  });
});

/** One telling value for each field, of the kind that the table says. */
function marked(): Partial<TokenEvent> {
  const special: Partial<Record<keyof TokenEvent, unknown>> = {
    outcome: 'failure', tokenKind: 'jwt', issuedKind: 'refresh', vantage: 'edge', lifecycle: 'rotated', identityKind: 'role', workloadEvidence: 'registry', networkClass: 'vpn',
    sourceIp: '203.0.113.7', sourceAddress: '203.0.113.7:44', urlPath: '/a/b', timeMs: 1_790_000_000_000, endMs: 1_790_000_000_500, orderMs: 1_790_000_001_000,
    // Where it was read: of this input.
    path: 'fixture', offset: 0, index: null, source: 'ecs',
  };
  const values = {
    text: (field: string) => `mark-${field}`, number: () => 4711, amount: () => 0.25, boolean: () => true, time: () => 1_790_000_123_000, texts: (field: string) => [`mark-${field}`, 'b'],
  };
  return Object.fromEntries(ecsFields.map(({ field, kind }) => [field, field in special ? special[field] : values[kind](field)]));
}
