import { parseCsv } from '../../config/csv.ts';
import { isMap } from '../../config/json.ts';
import { kindOfSubject } from '../../ingest/formats/subject.ts';
import type { TokenKind } from '../../model/event.ts';

/** One credential as an inventory file writes it. */
export interface ListedRow {
  readonly handle?: string;
  readonly identity?: string;
  readonly name?: string;
  readonly kind: TokenKind;
  readonly created?: string;
  readonly last_used?: string;
  readonly expires?: string;
  readonly active?: false;
  readonly owner?: string;
  readonly orphaned?: true;
  readonly scopes?: readonly string[];
}

/** One line of the operator's inventory as a file writes it. */
export interface EntryRow {
  readonly match: { readonly federation: string };
  readonly workload: string;
  readonly kind?: string;
  readonly authority: string;
}

/** How one provider's listing is read. */
export interface ListingReader {
  readonly title: string;
  /** Who minted the credentials, as events name it; `null`: the operator must say. */
  readonly issuer: string | null;
  readonly kinds: readonly TokenKind[];
  /** Rows of the listing's text, the account where it tells that, and what it says of workloads. Throws where it is no such listing. */
  read(text: string, issuer: string): { readonly rows: readonly ListedRow[]; readonly account?: string; readonly entries?: readonly EntryRow[] };
}

type Json = Readonly<Record<string, unknown>>;

const aws: ListingReader = {
  title: 'IAM credential report (CSV), or JSON of "aws iam list-access-keys"', issuer: 'aws', kinds: ['access_key'],
  read: (text) => (text.trimStart().startsWith('{') ? accessKeys(text) : credentialReport(text)),
};

/** The report has no key ids: keys are found by their user and the time they were made. */
function credentialReport(text: string) {
  const users = parseCsv(text);
  const first = users[0];
  if (first === undefined || first['arn'] === undefined || first['access_key_1_active'] === undefined) throw new Error('it is no credential report');
  const rows = users.flatMap((user) => [1, 2].flatMap((number) => {
    const cell = (name: string): string | undefined => told(user[`access_key_${number}_${name}`]);
    const created = cell('last_rotated');
    if (created === undefined) return [];
    const used = cell('last_used_date');
    return [{
      ...own('identity', told(user['arn'])), ...own('name', told(user['user'])), kind: 'access_key' as const, created,
      last_used: used ?? 'never', ...cell('active')?.toLowerCase() === 'true' ? {} : { active: false as const },
    }];
  }));
  return { rows, ...own('account', told(first['arn'])?.split(':')[4]) };
}

function accessKeys(text: string) {
  const listed = listIn(JSON.parse(text), 'AccessKeyMetadata');
  return {
    rows: listed.map((key) => ({
      ...own('handle', textOf(key['AccessKeyId'])), ...own('name', textOf(key['UserName'])), kind: 'access_key' as const,
      ...own('created', timeOf(key['CreateDate'])), ...key['Status'] === 'Inactive' ? { active: false as const } : {},
    })),
  };
}

const entra: ListingReader = {
  title: 'applications or service principals of Microsoft Graph, also with their federatedIdentityCredentials (JSON)',
  issuer: null, kinds: ['api_key', 'certificate'],
  read(text) {
    const apps = listIn(JSON.parse(text), 'value');
    const rows = apps.flatMap((app) => (
      [['passwordCredentials', 'api_key'], ['keyCredentials', 'certificate']] as const).flatMap(([name, kind]) => maps(app[name]).map((key) => ({
      ...own('handle', textOf(key['keyId'])?.toLowerCase()), ...own('name', textOf(app['displayName'])), kind,
      ...own('created', timeOf(key['startDateTime'])), ...own('expires', timeOf(key['endDateTime'])),
      ...app['accountEnabled'] === false ? { active: false as const } : {}, ...app['deletedDateTime'] ? { orphaned: true as const } : {},
    }))));
    return { rows, entries: apps.flatMap((app) => [app, ...maps(app['federatedIdentityCredentials'])]).flatMap(federation) };
  },
};

/** Whom a trust lets in, where the line is one. What takes all subjects of a pattern names no workload. */
function federation(trust: Json): EntryRow[] {
  const [id, subject, authority] = ['id', 'subject', 'issuer'].map((key) => textOf(trust[key]));
  if (id === undefined || subject === undefined || authority === undefined) return [];
  return [{ match: { federation: id.toLowerCase() }, workload: subject, ...own('kind', kindOfSubject(subject) ?? undefined), authority }];
}

const okta: ListingReader = {
  title: 'API tokens of Okta, /api/v1/api-tokens (JSON)', issuer: 'okta', kinds: ['api_key'],
  read: (text, issuer) => ({
    rows: listIn(JSON.parse(text), null).map((token) => {
      const user = textOf(token['userId']);
      return {
        ...own('handle', textOf(token['id'])), ...own('name', textOf(token['name'])), ...own('identity', user === undefined ? undefined : `${issuer}|${user}`),
        kind: 'api_key' as const, ...own('created', timeOf(token['created'])), ...own('expires', timeOf(token['expiresAt'])),
      };
    }),
  }),
};

const google: ListingReader = {
  title: 'JSON of "gcloud iam service-accounts keys list"', issuer: 'gcp', kinds: ['service_account_key'],
  read(text) {
    const keys = listIn(JSON.parse(text), 'keys').filter((key) => key['keyType'] !== 'SYSTEM_MANAGED');
    const rows = keys.map((key) => {
      const [, , , account, , id] = textOf(key['name'])?.split('/') ?? [];
      return {
        ...own('handle', id), ...own('identity', account), ...own('name', account), kind: 'service_account_key' as const,
        ...own('created', timeOf(key['validAfterTime'])),
        // A key without an end has one in the year 9999.
        ...textOf(key['validBeforeTime'])?.startsWith('9999') ? {} : own('expires', timeOf(key['validBeforeTime'])),
        ...key['disabled'] === true ? { active: false as const } : {},
      };
    });
    return { rows, ...own('account', textOf(keys[0]?.['name'])?.split('/')[1]) };
  },
};

const vault: ListingReader = {
  title: 'answers of Vault\'s auth/token/lookup-accessor, one or a list (JSON)', issuer: 'vault', kinds: ['vault'],
  read(text) {
    const value: unknown = JSON.parse(text);
    const rows = (Array.isArray(value) ? maps(value) : maps([value])).map((answer) => {
      const data = isMap(answer['data']) ? answer['data'] : answer;
      const created = data['creation_time'];
      return {
        ...own('handle', textOf(data['accessor'])), ...own('name', textOf(data['display_name'])), kind: 'vault' as const,
        ...own('created', typeof created === 'number' ? new Date(created * 1000).toISOString() : timeOf(data['issue_time'])),
        ...own('expires', timeOf(data['expire_time'])), ...own('scopes', texts(data['policies'])),
      };
    });
    return { rows };
  },
};

const github: ListingReader = {
  title: 'fine-grained personal access tokens of a GitHub organization, /orgs/ORG/personal-access-tokens (JSON)', issuer: 'github', kinds: ['opaque'],
  read: (text) => ({
    rows: listIn(JSON.parse(text), null).map((grant) => {
      const [owner, permissions] = [grant['owner'], grant['permissions']];
      const groups = isMap(permissions) ? Object.values(permissions).filter(isMap) : [];
      return {
        ...own('handle', textOf(grant['token_id'])), ...isMap(owner) ? own('owner', textOf(owner['login'])) : {}, kind: 'opaque' as const,
        ...own('created', timeOf(grant['access_granted_at'])), ...own('expires', timeOf(grant['token_expires_at'])),
        last_used: timeOf(grant['token_last_used_at']) ?? 'never', ...grant['token_expired'] === true ? { active: false as const } : {},
        ...own('scopes', groups.flatMap((group) => Object.entries(group).map(([name, level]) => `${name}:${String(level)}`))),
      };
    }),
  }),
};

/** Every provider whose listing can be read. */
export const listingReaders: Readonly<Record<string, ListingReader>> = { aws, entra, okta, google, vault, github };

/** A list by itself, or under a name. */
function listIn(value: unknown, name: string | null): Json[] {
  const list = name !== null && isMap(value) ? value[name] : value;
  if (!Array.isArray(list)) throw new Error(name === null ? 'it is no list' : `it holds no list "${name}"`);
  return maps(list);
}

function maps(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function own<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** What the report writes for nothing. */
function told(cell: string | undefined): string | undefined {
  return cell === undefined || cell === '' || cell === 'N/A' || cell === 'no_information' || cell === 'not_supported' ? undefined : cell;
}

/** A time as the file writes it: with its zone, to the millisecond. */
function timeOf(value: unknown): string | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
