import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importListing } from '../../../src/cli/inventory/import.ts';
import { listingReaders, type ListingReader } from '../../../src/cli/inventory/read-listing.ts';
import { readInventoryFiles } from '../../../src/config/inventory-files.ts';

const folder = new URL('../../data/listings/', import.meta.url);
const read = (provider: string, file: string, issuer = 'i') => (
  listingReaders[provider] as ListingReader).read(readFileSync(new URL(file, folder), 'utf8'), issuer);

describe('listings of providers', () => {
  test('an IAM credential report has a line for each key, those never used and those turned off told apart', () => {
    const { rows, account } = read('aws', 'aws-credential-report.csv');
    expect(account).toBe('111122223333');
    expect(rows).toEqual([
      { identity: 'arn:aws:iam::111122223333:user/rates', name: 'rates', kind: 'access_key', created: '2025-03-01T09:00:00+00:00', last_used: '2026-04-30T10:15:00+00:00' },
      { identity: 'arn:aws:iam::111122223333:user/rates', name: 'rates', kind: 'access_key', created: '2026-04-01T09:00:00+00:00', last_used: 'never' },
      {
        identity: 'arn:aws:iam::111122223333:user/old', name: 'old, unused', kind: 'access_key', created: '2023-02-01T09:00:00+00:00',
        last_used: '2023-06-01T09:00:00+00:00', active: false,
      },
    ]);
  });

  test('a list of access keys names them', () => {
    expect(read('aws', 'aws-access-keys.json').rows).toEqual([
      { handle: 'AKIAIOSFODNN7EXAMPLE', name: 'rates', kind: 'access_key', created: '2025-03-01T09:00:00.000Z' },
      { handle: 'AKIAI44QH8DHBEXAMPLE', name: 'rates', kind: 'access_key', created: '2024-02-01T09:00:00.000Z', active: false },
    ]);
  });

  test('applications of Graph have secrets and certificates, by the ids that audit logs tell', () => {
    expect(read('entra', 'entra-applications.json').rows).toEqual([
      { handle: 'f0b0b335-1d71-4883-8f98-567911bfdca6', name: 'Rates', kind: 'api_key', created: '2026-05-01T00:00:00.000Z', expires: '2027-05-01T00:00:00.000Z' },
      { handle: '8b0e1ce9-0000-4000-8000-000000000002', name: 'Rates', kind: 'certificate', created: '2025-12-01T00:00:00.000Z', expires: '2026-12-01T00:00:00.000Z' },
    ]);
  });

  test('a trust of Graph names the workload that it lets in, listed by itself or with its application', () => {
    const { entries } = read('entra', 'entra-applications.json');
    expect(entries).toEqual([{
      match: { federation: 'd9b7b9a1-0000-4000-8000-000000000003' }, workload: 'repo:acme/rates:ref:refs/heads/main', kind: 'ci_job',
      authority: 'https://token.actions.githubusercontent.com',
    }]);
    const [app] = (JSON.parse(readFileSync(new URL('entra-applications.json', folder), 'utf8')) as { value: { federatedIdentityCredentials: object[] }[] }).value;
    expect(listingReaders['entra']?.read(JSON.stringify({ value: app?.federatedIdentityCredentials }), 'i')).toEqual({ rows: [], entries });
  });

  test('API tokens of Okta belong to users', () => {
    expect(read('okta', 'okta-api-tokens.json', 'okta').rows).toEqual([{
      handle: '00Tabcdefg1234567890', name: 'ci', identity: 'okta|00uabcdefg1234567890', kind: 'api_key', created: '2026-01-09T20:00:00.000Z',
      expires: '2026-06-11T20:09:30.000Z',
    }]);
  });

  test('of service account keys those count that people manage; the year 9999 is no end', () => {
    const { rows, account } = read('google', 'google-keys.json');
    expect(account).toBe('shop');
    expect(rows.map(({ handle, expires, active }) => [handle?.slice(0, 4), expires, active])).toEqual([
      ['0123', undefined, undefined], ['89ab', '2027-01-01T00:00:00.000Z', false],
    ]);
  });

  test('what Vault tells of an accessor, and GitHub of a token', () => {
    expect(read('vault', 'vault-accessors.json').rows).toEqual([{
      handle: '8609694a-cdbc-db9b-d345-e782dbb562ed', name: 'token-rates', kind: 'vault', created: '2026-01-01T00:00:00.000Z', expires: '2026-02-02T00:00:00.000Z',
      scopes: ['default', 'rates'],
    }]);
    expect(read('github', 'github-tokens.json').rows).toEqual([{
      handle: '98716', owner: 'octocat', kind: 'opaque', created: '2026-01-16T15:47:09.000Z', expires: '2026-11-16T15:47:09.000Z', last_used: 'never',
      scopes: ['members:read', 'metadata:read', 'contents:write'],
    }]);
  });

  test.each(Object.keys(listingReaders))('%s refuses what is no such listing', (provider) => {
    for (const text of ['{}', '"x"', 'user,arn\na,b\n', '']) {
      let rows: readonly { readonly handle?: string }[] = [];
      try {
        rows = (listingReaders[provider] as ListingReader).read(text, 'i').rows;
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      expect(rows.filter(({ handle }) => handle !== undefined)).toEqual([]);
    }
  });
});

describe('inventory import', () => {
  test('writes a file that the configuration reads', () => {
    const out = join(mkdtempSync(join(tmpdir(), 'tokenward-listing-')), 'aws.json');
    importListing('aws', new URL('aws-credential-report.csv', folder).pathname, { out, takenAt: '2026-05-01T00:00:00Z' });
    const { listings, complaints } = readInventoryFiles([out]);
    expect(complaints).toEqual([]);
    expect(listings).toHaveLength(1);
    expect(listings[0]).toMatchObject({ issuer: 'aws', account: '111122223333', kinds: ['access_key'], takenMs: Date.UTC(2026, 4, 1) });
    expect(listings[0]?.credentials.map(({ lastUsedMs, isActive }) => [lastUsedMs, isActive])).toEqual([
      [Date.UTC(2026, 3, 30, 10, 15), true], ['never', true], [Date.UTC(2023, 5, 1, 9), false],
    ]);
  });

  test('trusts become lines of the inventory', () => {
    const out = join(mkdtempSync(join(tmpdir(), 'tokenward-listing-')), 'entra.json');
    importListing('entra', new URL('entra-applications.json', folder).pathname, { out, issuer: 'https://sts.windows.net/t/', takenAt: '2026-05-01T00:00:00Z' });
    expect(readInventoryFiles([out])).toMatchObject({
      complaints: [], listings: [{ credentials: { length: 2 } }],
      entries: [{ match: { federation: 'd9b7b9a1-0000-4000-8000-000000000003' }, workload: 'repo:acme/rates:ref:refs/heads/main', kind: 'ci_job' }],
    });
  });

  test('says what it needs', () => {
    const file = new URL('entra-applications.json', folder).pathname;
    expect(() => importListing('entra', file, {})).toThrow('--issuer');
    expect(() => importListing('nobody', file, {})).toThrow('whose listing');
    const broken = join(mkdtempSync(join(tmpdir(), 'tokenward-listing-')), 'x.json');
    writeFileSync(broken, '{"secret": "hunter2');
    expect(() => importListing('okta', broken, {})).toThrow(/it is no JSON$/);
  });
});
