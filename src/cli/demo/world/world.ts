import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256, type Claims } from './access-log.ts';
import { AuthorizationServer } from './authorization-server.ts';
import { LiveThief, LiveWorkload } from './caller.ts';
import { DenyListClient } from './deny-list-client.ts';
import type { Estate, Workload } from './estate.ts';
import { Gateway } from './gateway.ts';
import { makeHistory, type PastOptions } from './history.ts';
import { settings, type Response } from './settings.ts';
import { TokenDesk } from './token-desk.ts';

/** Client that six workloads share a credential of. */
export const sharedClient = 'nightly-batch';
const fetchListEveryMs = 100;

export interface WorldOptions {
  readonly estate: Estate;
  /** Empty and ours. */
  readonly folder: string;
  readonly mode: Response['mode'];
  /** host:port where Tokenward will answer. */
  readonly listen: string;
  readonly historyDays: number;
  readonly rounds?: PastOptions['rounds'];
}

/**
 * A company on loopback: an authorization server, two gateways before an API, workloads, thieves. It writes its logs and
 * Tokenward's configuration into a folder, and knows nothing else of Tokenward than the deny list and the webhook.
 */
export class World {
  readonly estate: Estate;
  readonly folder: string;
  readonly authorization: AuthorizationServer;
  readonly desk: TokenDesk;
  readonly edge: Gateway;
  readonly partner: Gateway;
  readonly lists: readonly [DenyListClient, DenyListClient];
  readonly workloads: LiveWorkload[] = [];
  readonly historyCalls: number;
  /** When the newest of its lines was written. */
  readonly historyEndMs: number;
  /** Copies that the thieves hold: of the old token, and of the shared one. */
  readonly stolen: readonly [{ token: string; claims: Claims }, { token: string; claims: Claims }];
  /** API tokens of people at Tokenward. */
  readonly people: Readonly<Record<'analyst' | 'responder' | 'second', string>>;

  /** Gets the servers up and writes the past. `tokenwardUrl`: where gateways fetch their list. */
  static async build(options: WorldOptions, tokenwardUrl: string): Promise<World> {
    const { estate, folder } = options;
    const file = (name: string): string => join(folder, name);
    const authorization = new AuthorizationServer(estate, file('authorization.ndjson'));
    await authorization.start();
    const stolen = [
      await authorization.oldToken((estate.own[0] as Workload).clientId, estate.oldTokenMonths), await authorization.oldToken(sharedClient, 31),
    ] as const;
    const secret = randomBytes(32);
    const desk = new TokenDesk(authorization, secret);
    await desk.start();
    writeFileSync(file('token-desk.secret'), `whsec_${secret.toString('base64')}\n`, { mode: 0o600 });
    const { mode, listen } = options;
    writeFileSync(file('tokenward.yaml'), settings({ folder, mode, listen, tokenDeskUrl: desk.url, vendorNetworks: estate.vendorNetworks }));
    const publicKey = writeSigningKey(file('deny-list.key'));
    const lists = (['edge', 'partner'] as const).map((name) => new DenyListClient({
      url: `${tokenwardUrl}/deny-lists/gateways`, credential: writeCredential(file(`${name}.sha256`)), publicKey, everyMs: fetchListEveryMs,
    })) as unknown as readonly [DenyListClient, DenyListClient];
    const people = writePeople(file('accounts'));
    const past = makeHistory(estate, {
      days: options.historyDays, untilMs: Date.now(), ...(options.rounds === undefined ? {} : { rounds: options.rounds }),
      lasting: new Map([[stolen[0].claims.client_id, stolen[0].claims], ...estate.sharing.map(({ clientId }) => [clientId, stolen[1].claims] as const)]),
    });
    for (const [name, text] of [['edge', past.edge], ['partner', past.partner], ['authorization', past.audit]] as const) {
      writeFileSync(file(`${name}.ndjson`), text, { flag: 'a' });
    }
    return new World({ options, authorization, desk, stolen, lists, people, historyCalls: past.calls, historyEndMs: past.lastMs });
  }

  private constructor({ options, authorization, desk, stolen, lists, people, historyCalls, historyEndMs }: Built) {
    const { estate, folder } = options;
    [this.estate, this.folder, this.authorization, this.desk, this.stolen] = [estate, folder, authorization, desk, stolen];
    [this.lists, this.people, this.historyCalls, this.historyEndMs] = [lists, people, historyCalls, historyEndMs];
    this.edge = new Gateway({
      logFile: join(folder, 'edge.ndjson'), denials: lists[0], check: { kind: 'offline', key: authorization.publicKey },
    });
    this.partner = new Gateway({
      logFile: join(folder, 'partner.ndjson'), denials: lists[1], check: { kind: 'introspect', ask: (token) => authorization.introspect(token) },
    });
  }

  /** Opens the gateways and sets the workloads to work. */
  async live(): Promise<void> {
    await Promise.all([this.edge.start(), this.partner.start()]);
    for (const list of this.lists) list.start();
    const { own, sharing } = this.estate;
    // It also holds an opaque token, for something that it does now and then.
    await this.authorization.fetchToken(own[0] as Workload, 'opaque');
    for (const workload of own) this.#employ(workload, workload === own[0] ? this.stolen[0].token : null, true);
    for (const workload of sharing) this.#employ(workload, this.stolen[1].token, false);
    for (const [place, workload] of this.workloads.entries()) workload.start(place * 130);
  }

  thief(place: 0 | 1): LiveThief {
    return new LiveThief(this.estate.thieves[place], this.edge.url, 'staging.shop.example', this.stolen[place].token);
  }

  async close(): Promise<void> {
    await Promise.all(this.workloads.map((workload) => workload.stop()));
    for (const list of this.lists) list.stop();
    await Promise.all([this.edge.close(), this.partner.close(), this.desk.close(), this.authorization.close()]);
  }

  #employ(workload: Workload, token: string | null, mayRenew: boolean): void {
    const gateway = workload.gateway === 'edge' ? this.edge : this.partner;
    this.workloads.push(new LiveWorkload(workload, gateway.url, this.authorization, token, mayRenew));
  }
}

type Parts = 'authorization' | 'desk' | 'stolen' | 'lists' | 'people' | 'historyCalls' | 'historyEndMs';
interface Built extends Pick<World, Parts> { readonly options: WorldOptions }

function writeSigningKey(file: string): KeyObject {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return publicKey;
}

/** Keeps the hash in the file; answers the credential. */
function writeCredential(file: string): string {
  const credential = randomBytes(32).toString('base64url');
  writeFileSync(file, `${sha256(credential)}\n`);
  return credential;
}

function writePeople(file: string): World['people'] {
  const [analyst, responder, second] = [0, 0, 0].map(() => randomBytes(32).toString('base64url')) as [string, string, string];
  const tokens = { analyst, responder, second };
  const lines = [['ana', 'analyst', tokens.analyst], ['rosa', 'responder', tokens.responder], ['sam', 'responder', tokens.second]] as const;
  writeFileSync(file, lines.map(([name, role, token]) => `${name} ${role} ${sha256(token)}\n`).join(''), { mode: 0o600 });
  return tokens;
}
