import { expect, test } from 'vitest';
import { traceIdOf } from '../../../src/ingest/formats/gateway.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
test.each([
  [`00-${id}-00f067aa0ba902b7-01`, id], [id.toUpperCase(), id], [id, id],
  ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', null], ['-', null], ['', null], [`00-${id}`.slice(0, 30), null], [`${id}ff`, null], [null, null], [undefined, null],
  [`${id}-${'x'.repeat(200)}`, null],
])('%s', (given, trace) => {
  expect(traceIdOf(given)).toBe(trace);
});
