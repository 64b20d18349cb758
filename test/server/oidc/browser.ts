import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLogin } from '../../../src/service/login.ts';
import { makeFolder } from '../../store/support.ts';
import type { LiveServer } from '../live-support.ts';
import { clientId, clientSecret, type PeopleServer } from './real-provider.ts';

export const publicUrl = 'https://tokenward.example.org';

/** Logging in with a real provider, as the service would. */
export function loginWith(people: PeopleServer, changes: Partial<Parameters<typeof makeLogin>[0]> = {}) {
  const clientSecretFile = join(makeFolder(), 'secret');
  writeFileSync(clientSecretFile, `${clientSecret}\n`);
  return makeLogin({
    issuer: people.issuer, clientId, clientSecretFile, scopes: ['openid', 'profile'], nameClaim: ['preferred_username'], rolesClaim: ['groups'],
    roles: { viewer: ['staff'], analyst: ['soc'], responder: ['soc-lead'], admin: ['soc-admin'] }, endpoints: [], allowPrivate: true, caFile: null,
    stepUp: { withinMs: 300_000, acrValues: [], apiTokens: 'allowed' }, ...changes,
  }, publicUrl);
}

/** The cookies of one browser, by host. */
export class Browser {
  readonly #jar = new Map<string, Map<string, string>>();
  readonly #strict = new Set<string>();
  readonly set: string[] = [];

  /** `isSentHere`: by another site, so that the browser keeps its strict cookies to itself. */
  async visit(url: string, isSentHere = false): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.#jar.get(host) ?? new Map<string, string>();
    this.#jar.set(host, jar);
    const cookies = [...jar].filter(([name]) => !isSentHere || !this.#strict.has(name)).map(([name, value]) => `${name}=${value}`);
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie: cookies.join('; ') } });
    for (const cookie of answer.headers.getSetCookie()) {
      this.set.push(cookie);
      if (cookie.includes('SameSite=Strict')) this.#strict.add(cookie.split('=')[0]!);
      const [name = '', value = ''] = cookie.split(';')[0]!.split(/=(.*)/s);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** From the link on the page, or another, to where the provider sends the browser back, which is not visited yet. */
  async answerOf(server: LiveServer, path = '/login/provider'): Promise<string> {
    let next = (await this.visit(`${server.url}${path}`)).headers.get('location') ?? '';
    for (let hop = 0; hop < 8 && !next.startsWith(publicUrl); hop++) {
      const answer = await this.visit(next);
      next = new URL(answer.headers.get('location') ?? 'nowhere:', next).href;
    }
    return next.replace(publicUrl, server.url);
  }
}
