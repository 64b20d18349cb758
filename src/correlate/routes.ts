import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import { RoutePatterns, type RoutePattern } from './route-patterns.ts';

/** What stood below one place of a host's paths: hashes of the different segments; `null` once those are names of objects. */
export type RouteNode = number[] | null;

/** So many different segments in one place, all answered, are names of objects. */
const manySegments = 128;
const maxNodes = 2_000;
const maxSegments = 12;
/** Segments of a path that a resource is made of. */
const resourceSegments = 2;

/**
 * Routes instead of raw paths: by the operator's patterns, else by what looks like an id, and by what was learned to be one of many. Only
 * answered calls that an authenticator vouched for teach, so that scanning paths changes nothing. The object is kept apart. The resource
 * stays the host and up to two leading segments that are no ids, but for those learned to be one of many, and where a pattern names it.
 */
export class Routes {
  readonly #patterns: RoutePatterns;
  readonly #entities: Entities<RouteNode>;
  readonly #nodes = new Map<number, Set<number> | null>();
  // Of the path at hand.
  #template = '';
  #objectId: string | null = null;
  /** End of the leading segments that make the resource, where one of them is learned to be one of many; else -1. */
  #cut = -1;

  constructor(patterns: readonly RoutePattern[], entities: Entities<RouteNode>) {
    this.#patterns = new RoutePatterns(patterns);
    this.#entities = entities;
    for (const [key, children] of entities.all()) this.#nodes.set(Number(key), children === null ? null : new Set(children));
  }

  /** Fills route, object and data class of a request; nothing for what is none, or whose path has no variable segment. */
  fill(event: TokenEvent): void {
    const { urlPath: path, urlDomain, service } = event;
    if (path === null || event.resourceKind !== 'route' || event.route !== null || path.charCodeAt(0) !== 47) return;
    const host = urlDomain ?? service;
    const known = this.#patterns.isEmpty ? null : this.#patterns.find(host, path);
    if (known !== null) {
      event.resourceId = `${host ?? ''}${known.template}`;
      event.route = known.template;
      event.objectId = known.objectId;
      event.dataClass = known.dataClass;
      return;
    }
    this.#learn(host, path, event.authenticated === true && event.outcome === 'success');
    if (this.#objectId === null) return;
    event.route = this.#template;
    event.objectId = this.#objectId;
    if (this.#cut >= 0) event.resourceId = `${host ?? ''}${this.#template.slice(0, this.#cut)}`;
  }

  /** Walks the path once, segment by segment. */
  #learn(host: string | null, path: string, teaches: boolean): void {
    this.#template = path;
    this.#objectId = null;
    this.#cut = -1;
    let node = host === null ? startHash : hashOf(host, 0, host.length, startHash);
    // Where the template is not the path itself: it so far, and up to where that stands for the path.
    let built = '';
    let taken = 0;
    for (let segment = 0, from = 1; segment < maxSegments && from < path.length; segment++) {
      const slash = path.indexOf('/', from);
      const end = slash < 0 ? path.length : slash;
      const kind = idKind(path, from, end);
      const isMany = kind === null && end > from && this.#isOneOfMany(node, path, from, end, teaches);
      if (kind !== null || isMany) {
        const object = path.slice(from, end);
        this.#objectId = this.#objectId === null ? object : `${this.#objectId}/${object}`;
        built += path.slice(taken, from) + (kind ?? '{name}');
        taken = end;
        node = Math.imul(node ^ variableMark, prime);
        if (isMany && segment < resourceSegments && this.#cut < 0) this.#cut = built.length;
        else if (segment < resourceSegments && this.#cut < 0) segment = Math.max(segment, resourceSegments);
      } else node = Math.imul(hashOf(path, from, end, node) ^ 0x2f, prime);
      from = end + 1;
    }
    if (taken > 0) this.#template = built + path.slice(taken);
  }

  /** `node` is the place in which the segment stands. */
  #isOneOfMany(node: number, path: string, from: number, end: number, teaches: boolean): boolean {
    const children = this.#nodes.get(node);
    if (children === null) return true;
    if (!teaches) return false;
    const child = hashOf(path, from, end, startHash);
    if (children === undefined) {
      if (this.#nodes.size >= maxNodes) return false;
      this.#nodes.set(node, new Set([child]));
      this.#entities.set(String(node), [child]);
    } else if (!children.has(child)) {
      children.add(child);
      const isMany = children.size > manySegments;
      if (isMany) this.#nodes.set(node, null);
      this.#entities.set(String(node), isMany ? null : [...children]);
      return isMany;
    }
    return false;
  }
}

const startHash = 0x811c_9dc5 | 0;
const prime = 0x0100_0193;
const variableMark = 0x7b7d;

/** FNV-1a, 32 bits, of a part of a text. */
function hashOf(text: string, from: number, to: number, start: number): number {
  let hash = start;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  return hash;
}

/** What a segment's look tells: numbers, UUIDs, long hex or base64 are ids; `null` for a word. */
function idKind(path: string, from: number, to: number): '{id}' | '{uuid}' | null {
  const length = to - from;
  if (length === 0) return null;
  let digits = 0;
  let hex = 0;
  let dashes = 0;
  let others = 0;
  for (let i = from; i < to; i++) {
    const code = path.charCodeAt(i);
    if (code >= 48 && code <= 57) digits++;
    else if (code >= 97 && code <= 102 || code >= 65 && code <= 70) hex++;
    else if (code === 45) dashes++;
    else others++;
  }
  if (digits === length) return '{id}';
  if (length === 36 && dashes === 4 && others === 0) return '{uuid}';
  return length >= 16 && digits > 0 || length > 40 ? '{id}' : null;
}
