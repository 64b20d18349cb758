import { z } from 'zod';
import type { Canary } from '../model/canary.ts';
import { duration, file, text, yesOrNo } from './scalars.ts';
import { durationMs } from './units.ts';

const canary = z.strictObject({
  name: text.describe('Metrics and pages carry it.'),
  source: text.describe('Name of the source in whose log its uses show.'),
  handle: text.optional().describe('Public id of the token: access key id, jti, accessor.'),
  fingerprint: text.optional().describe('Its fingerprint, as events name it.'),
  client: text.optional().describe('Name or id of its caller, where each use has a new token; counts only with the authenticator\'s verdict.'),
  every: duration('1m', '1s').default('1m').describe('How often it is used.'),
  within: duration('2m', '1s').default('2m').describe('How long a use may take until it was judged here.'),
}).refine(({ handle, fingerprint, client }) => (handle ?? fingerprint ?? client) !== undefined)
  .meta({ title: 'a name, a source, and at least one of handle, fingerprint, client' });

export const canarySection = z.array(canary).default([]).meta({ title: 'a list of canaries' })
  .describe('Harmless tokens that you use at a steady pace: one that is not seen in time pages, and none ever raises an alert.');

/** The dead man's switch. */
export const heartbeatSection = z.strictObject({
  url: text.optional(),
  url_file: file.optional().describe('The same in a file, where the address is a secret.'),
  every: duration('1m', '10s').default('1m'),
  allow_private: yesOrNo.default(false).describe('It stands in the operator\'s own network.'),
  ca_file: file.optional(),
}).refine(({ url, url_file: urlFile }) => (url === undefined) !== (urlFile === undefined))
  .meta({ title: 'a section with either url or url_file' })
  .describe('Address that is called while the service is well and no canary is missing: it tells somebody when the calls stop.');

export type RawHeartbeat = z.output<typeof heartbeatSection>;

/** The dead man's switch, as the service uses it. */
export interface HeartbeatSettings {
  readonly url: string | null;
  readonly urlFile: string | null;
  readonly everyMs: number;
  readonly allowPrivate: boolean;
  readonly caFile: string | null;
}

export function makeCanary({ name, source, handle, fingerprint, client, every, within }: z.output<typeof canary>): Canary {
  return {
    name, source, handle: handle ?? null, fingerprint: fingerprint ?? null, client: client ?? null,
    everyMs: durationMs(every) as number, withinMs: durationMs(within) as number,
  };
}

export function makeHeartbeat(raw: RawHeartbeat | undefined): HeartbeatSettings | null {
  if (raw === undefined) return null;
  return {
    url: raw.url ?? null, urlFile: raw.url_file ?? null, everyMs: durationMs(raw.every) as number, allowPrivate: raw.allow_private, caFile: raw.ca_file ?? null,
  };
}
