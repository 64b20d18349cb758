import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

export const clientId = 'tokenward';
export const clientSecret = 'secret of the :+ % client';

export interface PeopleServer {
  readonly issuer: string;
  /** Who logs in, and with which groups. */
  person: { id: string; groups: readonly string[] };
  stop(): Promise<void>;
}

/** A real provider of people on this machine: whoever comes is logged in as `person`, PKCE is demanded. */
export async function startPeopleServer(redirectUri: string): Promise<PeopleServer> {
  let handle: RequestListener = (_, response) => { response.writeHead(503).end(); };
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people: PeopleServer = {
    issuer, person: { id: 'Ann', groups: ['soc'] },
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
  const provider = makeProvider(issuer, redirectUri, people);
  const callback = provider.callback();
  handle = (request, response) => void (request.url?.startsWith('/interaction/') === true ? logIn(provider, people, request, response) : callback(request, response));
  return people;
}

async function logIn(provider: Provider, { person }: PeopleServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await provider.interactionFinished(request, response, { login: { accountId: person.id } });
}

function makeProvider(issuer: string, redirectUri: string, people: PeopleServer): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], grant_types: ['authorization_code'], response_types: ['code'] }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' } as never] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] }, conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, groups: [...people.person.groups] }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session!.accountId! });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
}
