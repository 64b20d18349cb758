import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { checkReadable, type FileComplaint } from './files.ts';
import { isMap } from './json.ts';
import type { RawConfiguration } from './schema.ts';

/** A route by its host and path template, with the class of its data. */
export interface RoutePattern { readonly host: string | null; readonly path: string; readonly dataClass: string | null }

type ResourcesSection = RawConfiguration['resources'];

const maxFileBytes = 16 << 20;
const maxPatterns = 20_000;

/** The operator's patterns, then those of the OpenAPI files, which were checked before. */
export function makeResources({ patterns, openapi_files: files }: ResourcesSection): { readonly patterns: readonly RoutePattern[] } {
  const own = patterns.map(({ path, host, data_class: dataClass }) => ({ host: host ?? null, path, dataClass: dataClass ?? null }));
  return { patterns: [...own, ...files.flatMap((file) => readOpenApi(file))].slice(0, maxPatterns) };
}

/** Why a file cannot be used as an OpenAPI description; `null` when it can. */
export function checkOpenApi(file: string): FileComplaint | null {
  const unreadable = checkReadable(file);
  if (unreadable !== null) return unreadable;
  try {
    readOpenApi(file);
    return null;
  } catch (error) {
    const why = error instanceof NotOpenApi ? error.message : 'cannot be read as JSON or YAML';
    return { message: `file "${file}" ${why}`, hint: null };
  }
}

class NotOpenApi extends Error {}

/** Path templates under the hosts and base paths of `servers`, or of `host` and `basePath` (version 2). `x-data-class` tells the class. */
function readOpenApi(file: string): RoutePattern[] {
  if (statSync(file).size > maxFileBytes) throw new NotOpenApi(`is larger than ${maxFileBytes} bytes`);
  const document: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 });
  if (!isMap(document) || !isMap(document['paths'])) throw new NotOpenApi('has no paths: it is no OpenAPI description');
  const bases = basesOf(document);
  return Object.entries(document['paths']).filter(([path]) => path.startsWith('/')).flatMap(([path, item]) => {
    const dataClass = text(isMap(item) ? item['x-data-class'] : null) ?? text(document['x-data-class']);
    return bases.map(({ host, base }) => ({ host, path: `${base}${path}`, dataClass }));
  });
}

function basesOf(document: Record<string, unknown>): { readonly host: string | null; readonly base: string }[] {
  const servers = Array.isArray(document['servers']) ? document['servers'] : [];
  const urls = servers.flatMap((server: unknown) => (isMap(server) ? text(server['url']) ?? [] : []));
  if (urls.length === 0) return [{ host: text(document['host']), base: withoutSlash(text(document['basePath']) ?? '') }];
  return urls.map((url) => {
    const parts = /^(?:https?:\/\/([^/:]+)(?::\d+)?)?(\/.*)?$/.exec(url);
    // Variables in a host are anybody's guess: then the host does not matter.
    const host = parts?.[1] ?? null;
    return { host: host === null || host.includes('{') ? null : host.toLowerCase(), base: withoutSlash(parts?.[2] ?? '') };
  });
}

function withoutSlash(base: string): string {
  return base.endsWith('/') ? base.slice(0, -1) : base;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
