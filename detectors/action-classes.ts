import type { TokenEvent } from '../src/model/event.ts';
import { combineHashes, hashText } from '../src/stats/hash.ts';
import { lastResorts, namesByClass, tellingSegments, verbsByClass } from './action-names.ts';
import { struckBy } from './tampering-actions.ts';

/** What an operation does, as far as it matters to whoever looks for thieves. A bit each, so that several make a mask. */
export const actionClasses = {
  /** Asks who it is and what it may. */
  asks: 1,
  /** Lists or describes what there is. */
  discovers: 2,
  /** Reads data. */
  reads: 4,
  secrets: 8,
  /** Makes a credential. */
  mints: 16,
  /** Changes who may do what. */
  permits: 32,
  /** Opens data or networks to others. */
  exposes: 64,
  /** Runs commands or code elsewhere. */
  runs: 128,
  destroys: 256,
  /** Blinds or disarms, as in `tampering-actions.ts`. */
  disarms: 512,
  /** Changes anything else. */
  writes: 1024,
} as const;

export type ActionClass = keyof typeof actionClasses;

const words: Readonly<Record<ActionClass, string>> = {
  asks: 'asks who it is and what it may', discovers: 'lists what there is', reads: 'reads data', secrets: 'reads secrets', mints: 'makes credentials',
  permits: 'changes who may do what', exposes: 'opens data or networks to others', runs: 'runs commands or code', destroys: 'destroys',
  disarms: 'switches logs or guards off', writes: 'changes things',
};

/** For a sentence: `reads secrets`. */
export function classInWords(what: ActionClass): string {
  return words[what];
}

const byName: ReadonlyMap<string, ActionClass> = new Map(
  Object.entries(namesByClass).flatMap(([what, names]) => names.map((name) => [name, what as ActionClass] as const)),
);
const verbs = Object.entries(verbsByClass) as [ActionClass, readonly string[]][];

/** Names met before: a memo, emptied when it is full, because some logs invent names. */
const known = new Map<string, ActionClass | null>();
const mostKnown = 4_096;

/** What an operation of this name does; `null`: its name does not tell. */
export function classOfName(action: string): ActionClass | null {
  const found = known.get(action);
  if (found !== undefined) return found;
  if (known.size >= mostKnown) known.clear();
  const told = tell(action.trim());
  known.set(action, told);
  return told;
}

function tell(action: string): ActionClass | null {
  if (struckBy(action) !== undefined) return 'disarms';
  const last = lastPart(action);
  return byName.get(action) ?? byName.get(action.toUpperCase()) ?? byName.get(last) ?? byVerb(last.toLowerCase());
}

/** `google.storage.buckets.delete` and `MICROSOFT.SQL/SERVERS/DELETE` end with what is done, `…/restart/action` before its end. */
function lastPart(action: string): string {
  const slash = action.split('/');
  if (slash.length > 1) {
    const end = slash.at(-1) ?? action;
    return end.toLowerCase() === 'action' ? slash.at(-2) ?? end : end;
  }
  return action.slice(action.lastIndexOf('.') + 1);
}

function byVerb(name: string): ActionClass | null {
  for (const [what, starts] of verbs) if (starts.some((start) => name.startsWith(start))) return what;
  return null;
}

const kubernetesKinds: Readonly<Record<string, ActionClass>> = {
  secret: 'secrets', secrets: 'secrets', selfsubjectaccessreviews: 'asks', selfsubjectrulesreviews: 'asks', selfsubjectreviews: 'asks',
  rolebindings: 'permits', clusterrolebindings: 'permits', roles: 'permits', clusterroles: 'permits',
};

/** What a call does; `null` where nothing tells. A call without the name of an operation is known by its method. */
export function classOf(event: TokenEvent): ActionClass | null {
  const { action, resourceKind, resourceId, module, method } = event;
  if (action === null) return classOfMethod(method);
  if (module === 'kubernetes') return kubernetesClass(action, resourceKind ?? '', resourceId ?? '');
  const told = classOfName(action);
  return resourceKind === 'secret' && told === 'reads' ? 'secrets' : told;
}

function classOfMethod(method: string | null): ActionClass | null {
  if (method === null) return null;
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'reads';
  return method === 'DELETE' ? 'destroys' : 'writes';
}

function kubernetesClass(verb: string, kind: string, resource: string): ActionClass | null {
  if (resource.endsWith('/exec') || resource.endsWith('/attach')) return 'runs';
  if (resource.endsWith('/token')) return 'mints';
  const reads = verb === 'get' || verb === 'list' || verb === 'watch';
  const of = Object.hasOwn(kubernetesKinds, kind) ? kubernetesKinds[kind] as ActionClass : null;
  if (of === 'asks' || of === 'secrets' && reads) return of;
  if (verb.startsWith('delete')) return 'destroys';
  // To read roles is what controllers do; to write them is not.
  if (of === 'permits' && !reads) return of;
  return reads ? 'discovers' : 'writes';
}

/** Destroys what nobody can bring back, or what all else would be brought back by. */
export function isLastResort(action: string): boolean {
  const name = action.toLowerCase();
  return lastResorts.some((word) => name.includes(word));
}

/** Verbs of Kubernetes and Vault, which say little without what they are done to. */
const longestVerb = 8;

/** Paths met before, each in a place of its own: whoever calls goes to few. */
const places = 4_096;
const paths = Array.from({ length: places }, () => '');
const tells = Array.from({ length: places }, () => false);
const tellingSegment = new RegExp(`/(?:${tellingSegments.map((segment) => RegExp.escape(segment)).join('|')})(?=/|$)`, 'i');

/** Does the route lead where ordinary callers have no business? By the segments of its template. */
export function isTellingRoute(resource: string): boolean {
  const place = hashText(resource) & (places - 1);
  if (paths[place] !== resource) {
    paths[place] = resource;
    tells[place] = tellingSegment.test(resource);
  }
  return tells[place] as boolean;
}

/** What stands for an object in a template begins with it. */
const openingBrace = 0x7b;

/** A hash of the kind of call: the operation, of short verbs (`get`, `read`) with the kind of thing; else method and route or path. Never 0. */
export function keyOfAction({ action, resourceKind, resourceId, method, route, urlPath }: TokenEvent): number {
  if (action === null) return combineHashes(hashText(method ?? ''), hashText(route ?? urlPath ?? resourceId ?? '')) || 1;
  const hash = hashText(action);
  return (action.length > longestVerb || resourceKind === null ? hash : combineHashes(hash, hashText(resourceKind))) || 1;
}

/**
 * A hash of the branch that a route is of: its path above the last segment that is no object's name, so that `/v3/shop/orders/{int}` and
 * `/v3/shop/carts` are of one. A path of a single name is a branch of its own.
 */
export function branchOfCall({ route, urlPath, resourceId }: TokenEvent): number {
  const path = route ?? urlPath ?? resourceId ?? '';
  let end = path.length;
  for (let slash = path.lastIndexOf('/'); slash > 0 && path.charCodeAt(slash + 1) === openingBrace; slash = path.lastIndexOf('/', end - 1)) end = slash;
  const above = path.lastIndexOf('/', end - 1);
  return hashText(path.slice(0, above > 0 ? above : end));
}

/** A call that tells something of who makes it: a named operation, or one that changes things or leads where ordinary callers have no business. */
export function isTelling({ action, method, resourceId, urlPath }: TokenEvent): boolean {
  if (action !== null) return true;
  if (method === null) return false;
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' || isTellingRoute(resourceId ?? urlPath ?? '');
}
