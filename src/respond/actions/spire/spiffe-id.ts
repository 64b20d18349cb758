/** A SPIFFE ID as SPIRE's messages name it. */
export interface SpiffeId { readonly trust_domain: string; readonly path: string }

const form = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[a-zA-Z0-9._-]+)+)$/;
const longest = 2048;

/** Of its text, in the one form that the standard allows (SPIFFE-ID, 2); `null` for anything else. */
export function spiffeIdOf(text: string): SpiffeId | null {
  const found = text.length > longest ? null : form.exec(text);
  const [, trustDomain, path] = found ?? [];
  if (trustDomain === undefined || path === undefined || path.split('/').some((part) => part === '.' || part === '..')) return null;
  return { trust_domain: trustDomain, path };
}

/** It is an agent's: SPIRE keeps that part of the trust domain for them. */
export function isAgent({ path }: SpiffeId): boolean {
  return path.startsWith('/spire/agent/');
}

/** Of servers and agents, and no workload's. */
export function isReserved({ path }: SpiffeId): boolean {
  return path === '/spire' || path.startsWith('/spire/');
}

/** Are both the same id? What the other side says may be anything. */
export function isId(said: unknown, id: SpiffeId): boolean {
  if (typeof said !== 'object' || said === null) return false;
  const { trust_domain: trustDomain, path } = said as Partial<SpiffeId>;
  return trustDomain === id.trust_domain && path === id.path;
}
