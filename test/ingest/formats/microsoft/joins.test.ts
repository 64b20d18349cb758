import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TokenEvent } from '../../../../src/model/event.ts';
import { eventOf, linesOf, reader } from '../support.ts';

const folder = new URL('../../../data/formats/', import.meta.url);
const tenant = 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/';
/** Records of one story: people and applications of one tenant, built from the vendor's documentation. */
const events = (id: string, settings = {}): TokenEvent[] => linesOf(new URL(`${id}/built.ndjson`, folder))
  .map(reader({ settings })).filter((outcome) => outcome.kind === 'event').map(eventOf);
const byId = (id: string, eventId: string): TokenEvent => events(id).find((event) => event.id === eventId || event.requestId === eventId)!;

describe('one Entra token in the logs of Microsoft\'s services', () => {
  const signIn = byId('entra.signin', 's-1');

  test('Graph, Azure and Microsoft 365 name it as the sign-in did', () => {
    expect(byId('azure.graph', 'g-1').token).toBe(signIn.issued);
    expect(byId('azure.activity', 'c-4').token).toBe(byId('entra.signin', 's-8').issued);
    expect(byId('m365.unified_audit', 'm-1').token).toBe(byId('entra.signin', 's-2').issued);
  });

  test('so do they its holder', () => {
    const holders = [byId('azure.graph', 'g-1'), byId('azure.activity', 'c-4'), byId('entra.audit', 'Directory_1')].map(({ identityId }) => identityId);
    expect(holders).toEqual([signIn.identityId, signIn.identityId, signIn.identityId]);
  });

  test('its session is what the next silent sign-in shows', () => {
    expect([byId('entra.signin', 's-2').token, byId('m365.unified_audit', 'm-2').token]).toEqual([signIn.token, signIn.token]);
    expect(byId('azure.graph', 'g-1').parent).toBe(signIn.token);
  });

  test('a bearer token that API Management logged is the sign-in\'s, and leaves no trace of itself', () => {
    const used = byId('azure.apim', 'a-2');
    expect(used).toMatchObject({ token: byId('entra.signin', 's-3').issued, authenticated: null, identityId: `${tenant}|0a0b0c0d-0000-4000-8000-00000000000c` });
    expect(JSON.stringify(events('azure.apim'))).not.toContain('CANARY');
  });
});

describe('a secret of an application', () => {
  const added = byId('entra.audit', 'Directory_1');

  test('is the same when it is added, used to sign in, found leaked and taken away', () => {
    const removed = eventOf(reader({ settings: { issuers: [tenant] } })(linesOf(new URL('entra.audit/built.ndjson', folder))[1]!));
    expect([byId('entra.signin', 's-3').token, byId('entra.risk', 'r-3').token, removed.revoked]).toEqual([added.issued, added.issued, added.issued]);
    expect([added.lifecycle, byId('entra.risk', 'r-3').lifecycle, removed.lifecycle]).toEqual(['issued', 'leaked', 'revoked']);
  });

  test('belongs to the application, whoever added it', () => {
    expect(added.issuedIdentityId).toBe(byId('entra.signin', 's-3').identityId);
    expect(added.identityId).not.toBe(added.issuedIdentityId);
  });
});

test('tokens of version 2 are joined by the issuer that the operator names', () => {
  const issuer = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0';
  const issued = events('entra.signin', { issuers: [issuer] }).find(({ id }) => id === 's-1')!;
  const claims = { iss: issuer, sub: 'pairwise', jti: 'uti-1_AAAA' };
  const atGateway = eventOf(reader()(JSON.stringify({ start_time: '2026-11-22T02:14:30Z', response_code: 200, response_flags: '-', jwt_payload: claims })));
  expect(atGateway.token).toBe(issued.issued);
});

test('what Microsoft suspects is no use of anything', () => {
  for (const event of events('entra.risk')) expect([event.identityId, event.authenticated, event.outcome]).toEqual([null, null, 'unknown']);
});

test('the client behind Front Door is taken from a header only where that came through the operator\'s own proxy', () => {
  const addresses = events('azure.frontdoor').map(({ sourceIp }) => sourceIp);
  expect(addresses.slice(0, 3)).toEqual(['203.0.113.7', '203.0.113.9', '192.0.2.66']);
});

test('a download from SharePoint by a link loses what is secret in the link', () => {
  const record = JSON.parse(readFileSync(new URL('m365.unified_audit/built.ndjson', folder), 'utf8').split('\n')[0]!) as Record<string, unknown>;
  const event = eventOf(reader()(JSON.stringify({ ...record, ObjectId: 'https://example.sharepoint.com/a.docx?e=CANARY#CANARY' })));
  expect(event).toMatchObject({ resourceId: 'https://example.sharepoint.com/a.docx', bytesOut: 4711 });
});

test.each([
  ['2026-11-22T02:14:00.1234567Z', '2026-11-22T02:14:00.123Z'], ['2026-11-22T02:14:00', '2026-11-22T02:14:00.000Z'], ['2026-11-22 02:14:00.123456700', '2026-11-22T02:14:00.123Z'],
  ['2026-11-22T04:14:00+02:00', '2026-11-22T02:14:00.000Z'],
])('a sign-in\'s time %s', (createdDateTime, time) => {
  const event = eventOf(reader()(JSON.stringify({ category: 'SignInLogs', operationName: 'Sign-in activity', resultType: '0', properties: { createdDateTime, ipAddress: '[2001:DB8::7]:443' } })));
  expect([new Date(event.timeMs).toISOString(), event.sourceIp, event.sourcePort]).toEqual([time, '2001:db8::7', 443]);
});
