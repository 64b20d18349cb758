import { useTraits, type CredentialUse } from '../model/credential.ts';

/** Resources that are named of one use: a full list says nothing of what is not in it. */
const maxResources = 8;
const verbs: ReadonlyMap<string, number> = new Map([
  ...['read', 'readonly', 'reader', 'get', 'list', 'view', 'viewer', 'describe'].map((word) => [word, useTraits.read] as const),
  ...['write', 'writer', 'create', 'update', 'put', 'post', 'delete', 'edit', 'editor', 'manage', 'modify'].map((word) => [word, useTraits.write] as const),
]);
/** Words that say nothing of what a scope is for. */
const empty: ReadonlySet<string> = new Set(['', 'all', 'any', 'api', 'auth', 'default', 'http', 'https', 'full', 'only', 'scope', 'v1', 'v2', 'www', 'com']);

/** Scopes of OpenID Connect and of common servers that let nobody do anything: they say what stands in a token, or that it may be renewed. */
const aboutTheToken: ReadonlySet<string> = new Set([
  'openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'roles', 'groups', 'acr', 'basic', 'web-origins', 'microprofile-jwt',
]);

const remembered = 8192;
const memo = new Map<string, readonly string[]>();

/** Small words of a name, without their plural: `Orders.ReadWrite` is order, read, write. A pure memo stands before it. */
function wordsOf(name: string): readonly string[] {
  let words = memo.get(name);
  if (words !== undefined) return words;
  const parts = name.slice(0, 256).replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/);
  words = [...new Set(parts.filter((word) => !empty.has(word)).map((word) => (word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word)))];
  if (memo.size >= remembered) memo.clear();
  memo.set(name, words);
  return words;
}

/**
 * Scopes that no use exercised, by their words: a scope for reading or writing needs a use of that sort, one that names a thing a use of
 * a resource with that name. It is a comparison of names: what a provider means by a scope, it does not know.
 */
export function unusedScopes(scopes: readonly string[], uses: readonly CredentialUse[]): readonly string[] {
  return rightsIn(scopes).filter((scope) => {
    const wanted = wordsOf(scope).reduce((bits, word) => bits | (verbs.get(word) ?? 0), 0);
    const things = thingsOf(scope);
    return !uses.some((use) => (wanted === 0 || (use.traits & wanted) !== 0) && touches(use, things));
  });
}

/** Those that let somebody do something. */
export function rightsIn(scopes: readonly string[]): readonly string[] {
  return scopes.filter((scope) => !aboutTheToken.has(scope.toLowerCase()));
}

/** Do scopes and resources have names in common at all? Else nothing follows from those that they have not. */
export function areNamedAlike(scopes: readonly string[], uses: readonly CredentialUse[]): boolean {
  const named = new Set(uses.flatMap(({ resources }) => resources.flatMap(wordsOf)));
  return rightsIn(scopes).some((scope) => thingsOf(scope).some((thing) => named.has(thing)));
}

function thingsOf(scope: string): readonly string[] {
  return wordsOf(scope).filter((word) => !verbs.has(word));
}

function touches({ resources }: CredentialUse, things: readonly string[]): boolean {
  if (things.length === 0 || resources.length === 0 || resources.length >= maxResources) return true;
  return resources.some((resource) => {
    const words = wordsOf(resource);
    return things.some((thing) => words.includes(thing));
  });
}
