import type { FastifyRequest } from 'fastify';

const back = '<p><a href="/">Back to the page</a></p>';
const words: Readonly<Record<string, string>> = {
  no_role: 'The identity provider knows you, but none of your groups or roles there has a role here. Ask whoever runs Tokenward which one you need.',
  no_name: 'The identity provider did not say who you are in a way that can be used here. Whoever runs Tokenward must look at name_claim.',
  name_taken: 'An account of this name exists here with an API token, so nobody gets it by logging in elsewhere. One of them must be renamed.',
  unknown_login: 'This login took more than ten minutes, or was begun in another browser. Please begin again.',
  login_denied: 'The identity provider did not let you in, or its answer could not be trusted. Please begin again.',
  provider_unavailable: 'The identity provider does not answer. Please try again in a while; API tokens go on working.',
  too_many_attempts: 'Too many logins failed from your address. Please wait a minute.',
  unauthenticated: 'This link has been used already, or is older than ten minutes.',
};

/** For a browser that was on its way to log in: why it is not, as a page. `null`: who asks gets the usual answer. */
export function refusedLoginPage({ headers: { accept }, routeOptions: { url = '' } }: FastifyRequest, reason: string): string | null {
  const told = words[reason];
  if (told === undefined || !/^\/login(?:\/|$)/.test(url) || accept?.includes('text/html') !== true) return null;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Not logged in</title><h1>You are not logged in</h1><p>${told}</p>${back}</html>\n`;
}
