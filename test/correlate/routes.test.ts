import { describe, expect, it } from 'vitest';
import { Routes, type RouteNode } from '../../src/correlate/routes.ts';
import type { RoutePattern } from '../../src/correlate/route-patterns.ts';
import { routeOf } from '../../src/ingest/formats/gateway.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { EntityMap } from '../../src/state/entities.ts';
import { use } from './support.ts';

function call(urlPath: string, more: Partial<TokenEvent> = {}): TokenEvent {
  return use('t', 0, { urlPath, urlDomain: 'api.example', resourceId: routeOf('api.example', urlPath), resourceKind: 'route', ...more });
}
function filled(routes: Routes, event: TokenEvent): (string | null)[] {
  routes.fill(event);
  return [event.resourceId, event.route, event.objectId];
}
const learning = (entities = new EntityMap<RouteNode>('route-node')): Routes => new Routes([], entities);

describe('what looks like an id', () => {
  it.each([
    ['/orders/8812', 'api.example/orders', '/orders/{id}', '8812'],
    ['/v1/orders/8812/items/7', 'api.example/v1/orders', '/v1/orders/{id}/items/{id}', '8812/7'],
    ['/files/2b1f0e6c-7d53-4a0f-9f3e-0d4f5a6b7c8d', 'api.example/files', '/files/{uuid}', '2b1f0e6c-7d53-4a0f-9f3e-0d4f5a6b7c8d'],
    ['/blobs/9f86d081884c7d65/raw', 'api.example/blobs', '/blobs/{id}/raw', '9f86d081884c7d65'],
    ['/objects/dGhpcyBpcyBhIGxvbmcgaWQ0/meta', 'api.example/objects', '/objects/{id}/meta', 'dGhpcyBpcyBhIGxvbmcgaWQ0'],
    ['/v1/orders', 'api.example/v1/orders', null, null],
    ['/', 'api.example', null, null],
  ])('%s', (path, resource, route, object) => {
    expect(filled(learning(), call(path))).toEqual([resource, route, object]);
  });
});

describe('what is one of many', () => {
  const names = Array.from({ length: 129 }, (_, i) => `/users/${String.fromCharCode(97 + i % 26)}lice${'xyz'.repeat(1 + Math.floor(i / 26))}/mail`);

  it('is learned from verified answers, the resource is cut there, and it stays so after a restart', () => {
    const entities = new EntityMap<RouteNode>('route-node');
    const routes = learning(entities);
    for (const path of names) routes.fill(call(path));
    const after = ['api.example/users/{name}', '/users/{name}/mail', 'bob'];
    expect(filled(routes, call('/users/bob/mail'))).toEqual(after);
    expect(filled(learning(entities), call('/users/bob/mail'))).toEqual(after);
    expect(filled(routes, call('/teams/bob/mail'))).toEqual(['api.example/teams/bob', null, null]);
  });

  it('is not learned from calls that failed or that nobody vouched for, so scanning changes nothing', () => {
    for (const more of [{ outcome: 'failure' }, { authenticated: null }, { authenticated: false }] as const) {
      const routes = learning();
      for (const path of names) routes.fill(call(path, more));
      expect(filled(routes, call('/users/bob/mail'))).toEqual(['api.example/users/bob', null, null]);
    }
  });

  it('is bounded', () => {
    const entities = new EntityMap<RouteNode>('route-node');
    const routes = learning(entities);
    for (let i = 0; i < 5_000; i++) routes.fill(call('/a/b', { urlDomain: `host${i}.example` }));
    expect(entities.size).toBeLessThanOrEqual(2_000);
    const deep = call(`/${'a/'.repeat(5_000)}`);
    routes.fill(deep);
    expect(deep.route).toBeNull();
  });
});

describe('the operator\'s patterns', () => {
  const pattern = (path: string, more: Partial<RoutePattern> = {}): RoutePattern => ({ host: null, path, dataClass: null, ...more });
  const routes = new Routes([
    pattern('/orders/{id}', { dataClass: 'customer' }), pattern('/orders/latest'), pattern('/orders/{id}/items/{item}'), pattern('/export/*', { dataClass: 'bulk' }),
    pattern('/orders/{id}', { host: 'internal.example', dataClass: 'internal' }),
  ], new EntityMap('route-node'));
  it.each([
    ['/orders/abc', '/orders/{id}', 'abc', 'customer'], ['/orders/latest', '/orders/latest', null, null], ['/orders/latest/items/9', '/orders/{id}/items/{item}', 'latest/9', null],
    ['/export/2026/all.csv', '/export/*', '2026/all.csv', 'bulk'],
  ])('%s', (path, route, object, dataClass) => {
    const event = call(path);
    expect(filled(routes, event)).toEqual([`api.example${route}`, route, object]);
    expect(event.dataClass).toBe(dataClass);
  });

  it('hold for their host first, and what fits none is learned', () => {
    const event = call('/orders/1', { urlDomain: 'internal.example' });
    routes.fill(event);
    expect(event.dataClass).toBe('internal');
    expect(filled(routes, call('/carts/17'))).toEqual(['api.example/carts', '/carts/{id}', '17']);
  });
});
