import type { Alert } from '../model/alert.ts';
import type { Dependent } from '../model/intent.ts';
import type { Token } from '../model/token.ts';
import type { Knowledge } from './port.ts';

/** What of the registry of tokens is asked. */
interface Registry {
  token(fingerprint: string): Token | null;
  readonly dependents: { of(fingerprint: string, suspect: ReadonlySet<string>): Dependent[] };
}

export function knowledgeOf(registry: Registry): Knowledge {
  return {
    token: (fingerprint) => registry.token(fingerprint),
    dependents: (fingerprint, alert) => registry.dependents.of(fingerprint, new Set(alert.networks)).map((user) => marked(user, alert)),
  };
}

/**
 * Who first came after the deviation began is a suspect as well: a thief who goes on through ever more networks must not make a crowd of
 * users that nobody dares to cut off. First uses are known to the second.
 */
function marked(user: Dependent, { startMs }: Alert): Dependent {
  return user.suspect || user.firstSeenMs < Math.floor(startMs / 1000) * 1000 ? user : { ...user, suspect: true };
}
