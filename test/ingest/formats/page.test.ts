import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/ingest/formats/index.ts';
import { fillsText, formatsPage } from '../../support/formats-page.ts';

test('what the catalogue says each format can fill is what its sample records fill', async () => {
  await expect(fillsText()).toMatchFileSnapshot('../../../src/ingest/formats/fills.json');
});

test('the page on formats says what they declare, what they fill, and how fast they are', async () => {
  const speed = readFileSync(new URL('../../data/formats/speed.md', import.meta.url), 'utf8');
  await expect(formatsPage(speed)).toMatchFileSnapshot('../../../docs/formats.md');
});

describe.each(formats.map((format) => [format.id, format] as const))('%s', (_, { notes }) => {
  const said = notes.join(' ');

  test('says where the verdict stands, whether bytes are told, and how requests are tied to tokens', () => {
    expect(said).toMatch(/verdict|authenticat|refus|checked/i);
    expect(said).toMatch(/bytes|\bsizes?\b|Size\b|\bbody\b/i);
    expect(said).toMatch(/tie|token|key|credential|session|secret|certificate/i);
  });
});

const gateways = formats.filter(({ vantage }) => vantage === 'gateway' || vantage === 'edge').map((format) => [format.id, format] as const);

test.each(gateways)('%s: what to add stands there to be pasted, or where to log the token instead', (_, { notes }) => {
  expect(notes.join(' ')).toMatch(/\bjti\b|handle|session-id|backend|at the (?:target|origin)|X-Jwt|\{.*\}/);
});
