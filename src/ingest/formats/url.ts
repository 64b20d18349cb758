import { hostOnly } from '../values.ts';

/** The host of a URL, without port and credentials; `null` for a bare path. */
export function urlHost(url: string | null): string | null {
  const scheme = url?.indexOf('://') ?? -1;
  if (url === null || scheme < 0) return null;
  const rest = url.slice(scheme + 3);
  const end = rest.search(/[/?#]/);
  return hostOnly(end < 0 ? rest : rest.slice(0, end));
}
