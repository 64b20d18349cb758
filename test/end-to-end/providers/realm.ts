import type { Keycloak } from '../../support/servers/keycloak.ts';

export interface Issued { readonly access: string; readonly refresh: string; readonly jti: string; readonly subject: string }

const path = '/realms/shop/protocol/openid-connect';
const audience = {
  name: 'audience', protocol: 'openid-connect', protocolMapper: 'oidc-audience-mapper',
  config: { 'included.client.audience': 'tokenward', 'access.token.claim': 'true', 'introspection.token.claim': 'true' },
};

/** A realm with a machine's client, one that nobody named in its tokens, and our own with the least rights that the actions need. */
export class Realm {
  readonly issuer: string;
  readonly #keycloak: Keycloak;

  private constructor(keycloak: Keycloak) {
    this.#keycloak = keycloak;
    this.issuer = `${keycloak.url}/realms/shop`;
  }

  static async make(keycloak: Keycloak): Promise<Realm> {
    await keycloak.administer('POST', '', { realm: 'shop', enabled: true, accessTokenLifespan: 600 });
    const machine = { publicClient: false, serviceAccountsEnabled: true, standardFlowEnabled: false, enabled: true, protocol: 'openid-connect' };
    const attributes = { 'client_credentials.use_refresh_token': 'true' };
    for (const clientId of ['export', 'rates']) {
      await keycloak.administer('POST', '/shop/clients', { ...machine, clientId, secret: clientId, attributes, protocolMappers: [audience] });
    }
    for (const clientId of ['tokenward', 'stranger']) await keycloak.administer('POST', '/shop/clients', { ...machine, clientId, secret: clientId });
    const realm = new Realm(keycloak);
    await realm.#permit('manage-users', 'manage-clients');
    return realm;
  }

  get keycloak(): Keycloak {
    return this.#keycloak;
  }

  async keys(): Promise<{ readonly keys: readonly object[] }> {
    const { keys } = await (await fetch(this.#keycloak.url + path + '/certs')).json() as { keys: { use: string }[] };
    return { keys: keys.filter(({ use }) => use === 'sig') };
  }

  /** A session of its own with an access and a refresh token; `null` where the client gets none. */
  async tryIssue(client: string): Promise<Issued | null> {
    const { status, body } = await this.#keycloak.post(`${path}/token`, { grant_type: 'client_credentials', scope: 'openid' }, client);
    if (status !== 200) return null;
    const { access_token: access, refresh_token: refresh } = body as { access_token: string; refresh_token: string };
    const { jti, sub: subject } = JSON.parse(Buffer.from(access.split('.')[1]!, 'base64url').toString()) as { jti: string; sub: string };
    return { access, refresh, jti, subject };
  }

  async issue(client: string): Promise<Issued> {
    return (await this.tryIssue(client))!;
  }

  /** Whether Keycloak itself still takes it. */
  async isTaken({ access }: Issued): Promise<boolean> {
    return (await fetch(this.#keycloak.url + path + '/userinfo', { headers: { authorization: `Bearer ${access}` } })).status === 200;
  }

  async canRefresh({ refresh }: Issued, client: string): Promise<boolean> {
    return (await this.#keycloak.post(`${path}/token`, { grant_type: 'refresh_token', refresh_token: refresh }, client)).status === 200;
  }

  /** Id of the client's record. */
  async idOf(client: string): Promise<string> {
    return (await this.#keycloak.administer('GET', `/shop/clients?clientId=${client}`) as { id: string }[])[0]!.id;
  }

  async #permit(...roles: readonly string[]): Promise<void> {
    const admin = this.#keycloak;
    const management = await this.idOf('realm-management');
    const { id } = await admin.administer('GET', `/shop/clients/${await this.idOf('tokenward')}/service-account-user`) as { id: string };
    const known = await Promise.all(roles.map((role) => admin.administer('GET', `/shop/clients/${management}/roles/${role}`)));
    await admin.administer('POST', `/shop/users/${id}/role-mappings/clients/${management}`, known as object[]);
  }
}
