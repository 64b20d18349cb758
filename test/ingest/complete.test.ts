import { describe, expect, test } from 'vitest';
import { completeEvent, idFields, listFields, textFields } from '../../src/ingest/complete.ts';
import type { RawRecord } from '../../src/ingest/record.ts';
import { emptyEvent } from '../../src/model/event.ts';

const timeMs = 1_700_000_000_000;
const origin = { path: 'a.log', place: 0, identity: 'x', source: null, modifiedMs: null };
const record: RawRecord = { origin, bytes: new Uint8Array(8000), offset: 0, index: null, ordinal: 0, originalPosition: null, envelopeTimeMs: null };
const complete = (more: object) => {
  const event = { ...emptyEvent('x', timeMs), ...more };
  return { event, problem: completeEvent(event, record) };
};

describe('bounds of each field', () => {
  test.each(idFields)('%s is refused when too long', (field) => {
    expect(complete({ [field]: 'i'.repeat(512) }).problem).toBeNull();
    expect(complete({ [field]: 'i'.repeat(513) }).problem).toMatchObject({ reason: 'bad_field' });
  });
  test.each(textFields)('%s is cut', (field) => {
    const { event, problem } = complete({ [field]: 't'.repeat(5000) });
    expect([problem, event[field]?.length]).toEqual([null, 2048]);
  });
  test.each(listFields)('elements of %s are cut', (field) => {
    const { event, problem } = complete({ [field]: ['short', 't'.repeat(5000)] });
    expect([problem, event[field]?.map((text) => text.length)]).toEqual([null, [5, 2048]]);
  });
  test('no text field of an event is forgotten', () => {
    const bounded: string[] = [...idFields, ...textFields, ...listFields];
    // Fingerprints, fixed words, and what is filled here or later.
    const others = [
      'source', 'path', 'offset', 'index', 'outcome', 'timeMs', 'endMs', 'orderMs', 'sourcePort', 'asNumber', 'asOrganization', 'country', 'networkBlock',
      'networkClass', 'networkName', 'tokenSeenIn', 'status', 'responseBytes', 'bytesOut', 'sourceBytes', 'destinationBytes', 'token', 'tokenKind', 'issuedAtMs', 'expiresAtMs',
      'aliases', 'parent', 'authenticated', 'vantage', 'partial', 'lifecycle', 'issued', 'revoked', 'issuedKind', 'issuedExpiresAtMs', 'issuedAliases', 'identityKind', 'workloadEvidence',
      'likelyPercent', 'modelTokens', 'cost',
    ];
    expect(Object.keys(emptyEvent('x', timeMs)).filter((field) => !bounded.includes(field) && !others.includes(field))).toEqual([]);
  });
});

test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [0], [Date.UTC(1989, 11, 31)], [Date.UTC(2100, 0, 1)], [-1]])('time %d is refused', (wrongMs) => {
  expect(complete({ timeMs: wrongMs, orderMs: wrongMs }).problem).toMatchObject({ reason: 'bad_time' });
  expect(complete({ orderMs: wrongMs }).problem).toMatchObject({ reason: 'bad_time' });
});
