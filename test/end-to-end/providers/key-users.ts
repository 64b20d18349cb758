import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { AwsCredential } from '../../../src/respond/actions/auth/aws-signature.ts';
import type { Moto } from '../../support/servers/moto.ts';

export const account = '123456789012';
/** As alerts name the user. */
export const identityId = `aws:${account}:AIDAEXPORTEXPORT00001`;
export const secretName = 'jobs/export';
const hourMs = 3_600_000;

export interface Place { readonly name: string; readonly address: string }
/** Six jobs with the one key, each in a network of its own. */
export const jobs: readonly Place[] = ['rates', 'billing', 'stock', 'fraud', 'returns', 'search'].map((name, at) => ({ name, address: `198.18.${at}.7` }));
export const thief: Place = { name: 'curl', address: '203.0.113.66' };

/** A line of CloudTrail, as an access key's call makes it: the stand-in itself writes no log. */
export function trailLine(key: string, { name, address }: Place, timeMs: number, isRefused = false, act: object = {}): string {
  return JSON.stringify({
    eventVersion: '1.09', eventTime: `${new Date(timeMs).toISOString().slice(0, 19)}Z`, eventSource: 'iam.amazonaws.com', eventName: 'ListUsers', awsRegion: 'us-east-1',
    userIdentity: { type: 'IAMUser', principalId: identityId.split(':')[2], arn: `arn:aws:iam::${account}:user/export`, accountId: account, accessKeyId: key, userName: 'export' },
    sourceIPAddress: address, userAgent: `${name}/1.0`, requestParameters: null, responseElements: null, eventID: randomUUID(), requestID: randomUUID(),
    eventType: 'AwsApiCall', recipientAccountId: account, ...(isRefused ? { errorCode: 'InvalidClientTokenId' } : {}), ...act,
  });
}

/** The same of the service's own key. */
export function ownLine(key: string, { name, address }: Place, eventName: string, requestParameters: object): string {
  const userIdentity = {
    type: 'IAMUser', principalId: 'AIDATOKENWARD00000001', arn: `arn:aws:iam::${account}:user/tokenward`, accountId: account, accessKeyId: key, userName: 'tokenward',
  };
  return trailLine(key, { name, address }, Date.now(), false, { userIdentity, eventName, requestParameters });
}

/** Four weeks of the jobs' work, up to an hour ago. */
export function history(key: string, untilMs: number): string {
  const lines: string[] = [];
  for (let timeMs = untilMs - 28 * 24 * hourMs; timeMs < untilMs - hourMs; timeMs += 4 * hourMs) {
    for (const [place, job] of jobs.entries()) lines.push(trailLine(key, job, timeMs + place * 60_000));
  }
  return `${lines.join('\n')}\n`;
}

/** A job that calls with the key that it fetched last. */
export class Job {
  credential: AwsCredential;
  readonly #moto: Moto;
  readonly #place: Place;
  readonly #trail: string;

  constructor(moto: Moto, place: Place, trail: string, credential: AwsCredential) {
    [this.#moto, this.#place, this.#trail, this.credential] = [moto, place, trail, credential];
  }

  /** Reads the key from the store, as it does at its next start. */
  async fetchKey(): Promise<void> {
    const { SecretString: text } = await this.#moto.secrets('GetSecretValue', { SecretId: secretName });
    const { id, key } = JSON.parse(text!) as { id: string; key: string };
    this.credential = { accessKeyId: id, secret: key, sessionToken: null };
  }

  /** Calls, which is logged; was it let? */
  async call(): Promise<boolean> {
    const { status } = await this.#moto.call('iam', 'ListUsers', {}, this.credential);
    appendFileSync(this.#trail, `${trailLine(this.credential.accessKeyId, this.#place, Date.now(), status !== 200)}\n`);
    return status === 200;
  }
}
