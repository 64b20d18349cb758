import { z } from 'zod';
import type { Exception, ExceptionKind } from '../model/exception.ts';
import type { Complaint } from './issues.ts';
import type { Configurable, RawConfiguration } from './schema.ts';
import { cidr, moment, text } from './scalars.ts';
import { didYouMean } from './suggest.ts';

const kinds = ['break-glass', 'migration', 'legacy'] as const satisfies readonly ExceptionKind[];
const dayMs = 86_400_000;
const maxDays = 90;
const [maxExceptions, maxDetectors, maxNetworks] = [500, 64, 64];
/** Leading bits of the widest block that still names a place. */
const widest = { v4: 16, v6: 32 } as const;

const exact = z.string().regex(/^[^*]+$/).meta({ title: 'an exact name, without *' });

const exception = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/).meta({ title: 'a name of letters, digits, dots and dashes' }).describe('Unique name; what it hides carries it.'),
  kind: z.enum(kinds).describe('break-glass: for emergencies; migration: old and new place are both expected; legacy: known and not mended yet.'),
  match: z.strictObject({
    identity: exact.optional().describe('Identity as alerts name it.'),
    handle: exact.optional().describe('Public id of one token: access key id, jti, accessor.'),
    client: exact.optional().describe('Name or id of the caller in the log.'),
  }).refine((match) => Object.keys(match).length > 0).meta({ title: 'at least one of identity, handle, client' }),
  detectors: z.array(exact).min(1).max(maxDetectors).meta({ title: 'a list of ids of detectors' }).describe('Whose findings it hides.'),
  networks: z.array(cidr).max(maxNetworks).default([]).meta({ title: `a list of up to ${maxNetworks} networks` })
    .describe('Only what comes from these is hidden. A migration names its old and its new ones.'),
  reason: text,
  author: text.describe('Who asked for it.'),
  approver: text.describe('Who agreed: somebody else.'),
  from: moment.describe('A date begins at midnight, UTC.'),
  expires: moment.describe(`When it ends by itself, ${maxDays} days after its beginning at the latest. In event time.`),
});

export const exceptionsSection = z.array(exception).max(maxExceptions).default([]).meta({ title: `a list of up to ${maxExceptions} exceptions` })
  .describe('Findings that two people agreed not to be told of, for a while. What is hidden is stored and counted.');

export type RawException = z.output<typeof exception>;

export function makeException({ from, expires, ...rest }: RawException): Exception {
  return { ...rest, fromMs: Date.parse(from), untilMs: Date.parse(expires) };
}

/** What no schema can say of an exception: two people, an end in time, places rather than ranges, detectors that may be silenced. */
export function checkExceptions({ exceptions }: RawConfiguration, detectors: readonly Configurable[]): Complaint[] {
  return exceptions.flatMap((one, place) => {
    const complain = (key: string, message: string, hint: string | null, at: readonly number[] = []): Complaint =>
      ({ path: ['exceptions', place, key, ...at], message, hint });
    return [
      ...sameName(one.author, one.approver) ? [complain('approver', `"${one.approver}" is also its author`, 'somebody else must agree')] : [],
      ...lasting(one, complain), ...wrongDetectors(one, detectors, complain), ...wrongNetworks(one, complain),
    ];
  });
}

type Complain = (key: string, message: string, hint: string | null, at?: readonly number[]) => Complaint;

function sameName(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}

function lasting({ from, expires }: RawException, complain: Complain): Complaint[] {
  const fromMs = Date.parse(from);
  const days = (Date.parse(expires) - fromMs) / dayMs;
  if (days <= 0) return [complain('expires', 'it ends before it begins', null)];
  if (days <= maxDays) return [];
  return [complain('expires', `it lasts ${Math.ceil(days)} days`, `${maxDays} at most: ${new Date(fromMs + maxDays * dayMs).toISOString().slice(0, 10)}`)];
}

function wrongDetectors({ detectors }: RawException, known: readonly Configurable[], complain: Complain): Complaint[] {
  return detectors.flatMap((id, at) => {
    const detector = known.find((one) => one.id === id);
    if (detector === undefined) return [complain('detectors', `unknown detector "${id}"`, didYouMean(id, known.map((one) => one.id)), [at])];
    return detector.neverHidden === true ? [complain('detectors', `what "${id}" finds is never hidden`, 'leave it out', [at])] : [];
  });
}

function wrongNetworks({ kind, networks }: RawException, complain: Complain): Complaint[] {
  if (kind === 'migration' && networks.length === 0) return [complain('kind', 'a migration needs "networks"', 'networks: [old/24, new/24]')];
  return networks.flatMap((network, at) => {
    const least = network.includes(':') ? widest.v6 : widest.v4;
    const isWide = Number(network.slice(network.indexOf('/') + 1)) < least;
    return isWide ? [complain('networks', `"${network}" is no place but a range`, `name its subnets, each /${least} or narrower`, [at])] : [];
  });
}
