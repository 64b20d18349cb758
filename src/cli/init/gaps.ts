import { formats } from '../../ingest/formats/index.ts';
import type { PlannedSource } from './plan.ts';
import type { Trait } from './look.ts';

/** Uses of which fewer than this share say something count as not saying it. */
const share = 0.5;

const missing: Readonly<Record<Trait, string>> = {
  token: 'no token id: uses cannot be tied to a token, so none can be named or revoked',
  identity: 'no caller: nobody\'s habits can be learned',
  address: 'no client address: detectors of places see nothing',
  client: 'no user agent: a change of program goes unseen',
  resource: 'no resource: reach and audience go unseen',
  bytes: 'no bytes: egress is judged by requests and objects alone',
  verdict: 'no word on whether the token was valid: set refuses_anonymous where the route refuses calls without one',
};

export interface Gap { readonly trait: Trait; readonly text: string }

/** What most uses of a source do not say, and what follows. A source of the issuer's need not say what only uses have. */
export function gapsOf({ uses, has, formats: ids }: PlannedSource): Gap[] {
  if (uses === 0) return [];
  const isIssuer = ids.every((id) => formatOf(id)?.vantage === 'iam');
  const needed = (Object.keys(missing) as Trait[]).filter((trait) => !isIssuer || trait === 'identity' || trait === 'address');
  return needed.filter((trait) => has[trait] < uses * share)
    .map((trait) => ({ trait, text: `${uses - has[trait]} of ${uses} uses have ${missing[trait]}` }));
}

/** Of the formats whose uses name no token or caller: what their notes say, which tell what the operator must add. */
export function adviceOf(sources: readonly PlannedSource[]): { readonly id: string; readonly notes: readonly string[] }[] {
  const poor = sources.filter((source) => gapsOf(source).some(({ trait }) => trait === 'token' || trait === 'identity'));
  return [...new Set(poor.flatMap((source) => source.formats))].map((id) => ({ id, notes: formatOf(id)?.notes ?? [] }));
}

function formatOf(id: string) {
  return formats.find((format) => format.id === id);
}
