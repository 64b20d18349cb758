/** A route as the operator, or an OpenAPI file of his, names it. */
export interface RoutePattern {
  /** `null`: on any host. */
  readonly host: string | null;
  /** Variable segments in braces, such as `/orders/{id}`; a last `/*` stands for whatever follows. */
  readonly path: string;
  readonly dataClass: string | null;
}

/** What a path is by a pattern: its template, and what stood in the variable places, `/` between them. */
export interface RouteMatch { readonly template: string; readonly objectId: string | null; readonly dataClass: string | null }

interface Node { readonly literal: Map<string, Node>; variable: Node | null; leaf: RoutePattern | null; rest: RoutePattern | null }

const maxSegments = 24;

/** Finds the pattern of a path: literal segments before variable ones, a rest last. */
export class RoutePatterns {
  readonly isEmpty: boolean;
  /** By host; `''` for any. */
  readonly #hosts = new Map<string, Node>();

  constructor(patterns: readonly RoutePattern[]) {
    this.isEmpty = patterns.length === 0;
    for (const pattern of patterns) this.#add(pattern);
  }

  find(host: string | null, path: string): RouteMatch | null {
    const segments = path.split('/', maxSegments + 2).slice(1);
    if (segments.length > maxSegments) return null;
    const own = host === null ? undefined : this.#hosts.get(host);
    const pattern = (own === undefined ? null : walk(own, segments, 0)) ?? (this.#hosts.has('') ? walk(this.#hosts.get('') as Node, segments, 0) : null);
    if (pattern === null) return null;
    const names = pattern.path.split('/').slice(1);
    // What follows the pattern's last segment is covered by its rest.
    const objects = segments.filter((_, place) => place >= names.length || isVariable(names[place] as string) || names[place] === '*');
    return { template: pattern.path, objectId: objects.length === 0 ? null : objects.join('/'), dataClass: pattern.dataClass };
  }

  #add(pattern: RoutePattern): void {
    let node = this.#hosts.get(pattern.host ?? '');
    if (node === undefined) this.#hosts.set(pattern.host ?? '', node = emptyNode());
    for (const name of pattern.path.split('/').slice(1)) {
      if (name === '*') {
        node.rest ??= pattern;
        return;
      }
      if (isVariable(name)) node = node.variable ??= emptyNode();
      else {
        let next = node.literal.get(name);
        if (next === undefined) node.literal.set(name, next = emptyNode());
        node = next;
      }
    }
    node.leaf ??= pattern;
  }
}

function walk(node: Node, segments: readonly string[], depth: number): RoutePattern | null {
  if (depth === segments.length) return node.leaf;
  const segment = segments[depth] as string;
  const literal = node.literal.get(segment);
  return (literal === undefined ? null : walk(literal, segments, depth + 1))
    ?? (node.variable === null || segment === '' ? null : walk(node.variable, segments, depth + 1)) ?? node.rest;
}

function emptyNode(): Node {
  return { literal: new Map(), variable: null, leaf: null, rest: null };
}

function isVariable(name: string): boolean {
  return name.startsWith('{') && name.endsWith('}');
}
