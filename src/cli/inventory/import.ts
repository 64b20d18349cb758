import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';
import { listingReaders } from './read-listing.ts';

export interface ImportOptions {
  readonly out?: string;
  readonly issuer?: string;
  readonly account?: string;
  readonly takenAt?: string;
}

const maxFileBytes = 256 << 20;

/** Writes an inventory file of a provider's own listing, for `inventory_files`. Secrets are in no such listing; only known fields are taken over. */
export function importListing(provider: string | undefined, file: string | undefined, options: ImportOptions): void {
  const known = Object.entries(listingReaders).map(([name, { title }]) => `${name}: ${title}`).join('\n        ');
  const reader = provider === undefined || !Object.hasOwn(listingReaders, provider) ? undefined : listingReaders[provider];
  if (reader === undefined || file === undefined) {
    throw new UsageError('say whose listing is to be read, and its file: inventory import PROVIDER FILE', known);
  }
  const issuer = options.issuer ?? reader.issuer;
  if (issuer === null) throw new UsageError('say with --issuer who minted these, as events name it', 'for Entra: https://sts.windows.net/<tenant id>/');
  const takenMs = options.takenAt === undefined ? statSync(file).mtimeMs : Date.parse(options.takenAt);
  if (Number.isNaN(takenMs)) throw new UsageError('--taken-at takes a time such as 2026-03-31T12:00:00Z');
  const { rows, account, entries = [] } = rowsOf(file, (text) => reader.read(text, issuer));
  const whose = options.account ?? account;
  const ofAccount = whose === undefined ? {} : { account: whose };
  const listing = { issuer, ...ofAccount, kinds: reader.kinds, taken_at: new Date(takenMs).toISOString(), credentials: rows };
  const text = `${JSON.stringify({ ...entries.length === 0 ? {} : { inventory: entries }, listings: [listing] }, null, 1)}\n`;
  if (options.out === undefined) process.stdout.write(text);
  else writeFileSync(options.out, text, { mode: 0o600 });
  const found = `${rows.length} credentials${entries.length === 0 ? '' : `, ${entries.length} trusts`}`;
  process.stderr.write(`${found}${options.out === undefined ? '' : `; name ${options.out} under inventory_files`}\n`);
}

function rowsOf<T>(file: string, read: (text: string) => T): T {
  if (statSync(file).size > maxFileBytes) throw new UsageError(`${file} is larger than ${maxFileBytes} bytes`);
  try {
    return read(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
  } catch (error) {
    // A JSON parser's message quotes the file.
    const why = error instanceof SyntaxError ? 'it is no JSON' : error instanceof Error ? error.message : 'it cannot be read';
    throw new UsageError(`${file} is no such listing: ${why}`);
  }
}
