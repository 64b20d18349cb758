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
    dependents: (fingerprint: string, { networks }: Alert) => registry.dependents.of(fingerprint, new Set(networks)),
  };
}
