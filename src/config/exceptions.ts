import { z } from 'zod';
import type { Exception, ExceptionKind } from '../model/exception.ts';
import { cidr, moment, text } from './scalars.ts';

const kinds = ['break-glass', 'migration', 'legacy'] as const satisfies readonly ExceptionKind[];
/** An exception ends by itself so many days after its beginning at the latest. */
export const maxDays = 90;
const [maxExceptions, maxDetectors, maxNetworks] = [500, 64, 64];

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
