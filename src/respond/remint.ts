import type { Token } from '../model/token.ts';
import type { Knowledge, Situation } from './port.ts';

/**
 * The first token of the identity that deviates although it was issued after the incident began, where another one deviated before: whoever
 * does that holds what tokens are made with, and ends of single tokens do not stop him. `null`: there is none.
 */
export function firstReminted({ alert, incident }: Situation, { identityId }: Pick<Token, 'identityId'>, knowledge: Knowledge): Token | null {
  if (identityId === null) return null;
  const known = [...new Set([...incident.tokens, ...alert.tokens])].map((fingerprint) => knowledge.token(fingerprint))
    .filter((token) => token !== null && token.identityId === identityId) as Token[];
  const later = known.find((token) => isReminted(token, incident.startMs));
  return later !== undefined && known.some((token) => !isReminted(token, incident.startMs)) ? later : null;
}

/** Was it issued after that time, by what its issuer says? */
export function isReminted({ issuedAtMs }: Pick<Token, 'issuedAtMs'>, sinceMs: number): boolean {
  return issuedAtMs !== null && issuedAtMs > sinceMs;
}
