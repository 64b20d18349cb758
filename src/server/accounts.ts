import { timingSafeEqual } from 'node:crypto';
import { bearerOf, CredentialsError, secretHash, textOf } from './credentials.ts';
import { roles, type Role } from './api/shapes-service.ts';

const maxEntries = 256;
/** Our own acts stand in the audit under these names. */
const reserved: readonly string[] = ['policy', 'executor', 'engine', 'anybody', 'operator', 'nobody'];
/** Nobody may have one of our own names. */
export function isReserved(name: string): boolean {
  return reserved.includes(name);
}

const usage = 'one entry a line: NAME ROLE SHA256, the last from printf %s "$TOKEN" | sha256sum';

/** Somebody, or some program, that may do something. */
export interface Account { readonly name: string; readonly role: Role }

/** May the role do what asks for at least this one? */
export function reaches(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}

/** An account and one of its API tokens, by its SHA-256. */
export interface Entry { readonly account: Account; readonly hash: Buffer }

/** Accounts and the SHA-256 of their API tokens, which must be long and random. An account may have several tokens, to change them. */
export class Accounts {
  #entries: readonly Entry[] = [];
  #standing: ReadonlySet<string> = new Set();

  constructor(entries: readonly Entry[]) {
    this.#take(entries);
  }

  /** Whose token it is; takes as long for a right one as for a wrong one. */
  find(token: string): Entry | null {
    const presented = secretHash(token);
    let found: Entry | null = null;
    for (const entry of this.#entries) if (timingSafeEqual(entry.hash, presented)) found = entry;
    return found;
  }

  /** Whose token an `Authorization` header carries. */
  findBearer(authorization: string | undefined): Entry | null {
    const token = bearerOf(authorization);
    return token === null ? null : this.find(token);
  }

  /** From now on those of another reading count. Answers the names that came and went, or changed their role. */
  replaceBy(other: Accounts): { readonly added: readonly string[]; readonly removed: readonly string[] } {
    const [before, after] = [this.#titles(), other.#titles()];
    this.#take(other.#entries);
    return { added: [...after].filter((one) => !before.has(one)), removed: [...before].filter((one) => !after.has(one)) };
  }

  /** Is it still an account's token, with the same role? */
  stands(entry: Entry): boolean {
    return this.#standing.has(keyOf(entry));
  }

  #take(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#standing = new Set(entries.map(keyOf));
  }

  #titles(): Set<string> {
    return new Set(this.#entries.map(({ account: { name, role } }) => `${name} ${role}`));
  }

  /** Is it the name of an account, in whatever letters? */
  hasName(name: string): boolean {
    return this.#entries.some(({ account }) => account.name.toLowerCase() === name.toLowerCase());
  }

  named(name: string): Account | null {
    return this.#entries.find(({ account }) => account.name === name)?.account ?? null;
  }
}

function keyOf({ account: { name, role }, hash }: Entry): string {
  return `${hash.toString('hex')} ${name} ${role}`;
}

/** Reads a file of accounts; `#` starts a comment. Throws `CredentialsError`. */
export function readAccounts(file: string): Accounts {
  const lines = textOf(file).split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const fail = (message: string): never => { throw new CredentialsError(`${file}: ${message}`); };
  if (lines.length === 0) fail(`holds no account; ${usage}`);
  if (lines.length > maxEntries) fail(`holds more than ${maxEntries} entries`);
  const entries = lines.map((line, place) => parse(line) ?? fail(`entry ${place + 1} is none; ${usage}`));
  const rolesOf = new Map<string, Role>();
  const hashes = new Set<string>();
  for (const { account: { name, role }, hash } of entries) {
    if (isReserved(name)) fail(`the name ${name} is our own: take another`);
    if ((rolesOf.get(name) ?? role) !== role) fail(`${name} has two roles`);
    if (hashes.has(hash.toString('hex'))) fail('two entries have one token: nobody could tell who speaks');
    rolesOf.set(name, role);
    hashes.add(hash.toString('hex'));
  }
  if (hashes.has(secretHash('').toString('hex'))) fail('one entry is the hash of an empty token');
  return new Accounts(entries);
}

function parse(line: string): Entry | null {
  const [, name, role, hash] = /^([a-z0-9][a-z0-9._@-]{0,63})\s+([a-z]{1,16})\s+(?:sha256:)?([0-9a-f]{64})(?:\s+-)?$/i.exec(line) ?? [];
  const known = roles.find((one) => one === role);
  if (name === undefined || hash === undefined || known === undefined) return null;
  return { account: { name, role: known }, hash: Buffer.from(hash, 'hex') };
}
