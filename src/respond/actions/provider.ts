import type { StepKind, Target } from '../../model/intent.ts';
import type { OutboundAnswer } from '../../outbound/client.ts';
import type { ActionFacts, Verdict } from '../port.ts';
import type { Authorizer } from './auth/authorizer.ts';
import type { Declaration, HttpProvider } from './declaration.ts';
import { httpVerdict } from './http.ts';
import type { AskOwnName } from './own-name.ts';
import type { Rights } from './rights.ts';

/** What the settings of every provider hold. */
export interface ProviderSettings {
  readonly authorizer: Authorizer;
  readonly exposureMs: number;
  /** Identity as alerts name it -> what the call is done to. */
  readonly identities: Readonly<Record<string, string>>;
}

/** What the calls to one provider have in common. */
export interface Family<Section, Settings extends ProviderSettings> {
  /** As the configuration names it. */
  readonly type: string;
  /** See `HttpProvider`. */
  configure(section: Section): Settings;
  urls(settings: Settings): readonly string[];
  /** See `HttpProvider`. */
  ownName?(settings: Settings): AskOwnName;
}

/** One call of a provider's documented interface, as data. */
export interface Call<Settings> extends Pick<Declaration<Settings>, 'find' | 'fits' | 'request' | 'classify' | 'verify' | 'undo'> {
  readonly name: string;
  readonly facts: Omit<ActionFacts, 'exposureMs'>;
  readonly needsToken?: true;
  /** It is done only to what `identities` names. */
  readonly isListed?: true;
  /** See `HttpProvider`. */
  readonly rights?: Rights<Settings>;
  /** Standard: `revoke`. */
  readonly kinds?: readonly StepKind[];
}

interface NamedSection { readonly name: string; readonly call?: string; readonly identities?: Readonly<Record<string, string>> }

/** A call with what it shares with its siblings: a whole action. */
export function providerOf<Section extends NamedSection, Settings extends ProviderSettings>(
  family: Family<Section, Settings>, call: Call<Settings>,
): HttpProvider<Section, Settings> {
  const { name, facts, needsToken = false, isListed = false, kinds = ['revoke'], fits, rights, ...exchange } = call;
  return {
    ...exchange, needsToken, type: `${family.type}.${name}`, urls: (settings) => family.urls(settings),
    configure(section) {
      if (isListed && Object.keys(section.identities ?? {}).length === 0) {
        throw new Error(`action ${section.name} needs "identities": whom it may be done to, and what that is at the provider`);
      }
      return family.configure(section);
    },
    authorizer: ({ authorizer }) => authorizer,
    ...(family.ownName === undefined ? {} : { ownName: (settings: Settings) => family.ownName!(settings) }),
    ...(rights === undefined ? {} : { rights }),
    kinds: () => kinds,
    facts: ({ exposureMs }) => ({ ...facts, exposureMs }),
    fits: (target, kind, settings, keepNetworks) => (isListed && listed(target, settings) === null ? 'not_listed' : fits(target, kind, settings, keepNetworks)),
  };
}

/** What the configuration names for the token's identity; `null` where it names nothing. */
export function listed({ identityId }: Pick<Target, 'identityId'>, { identities }: Pick<ProviderSettings, 'identities'>): string | null {
  return identityId !== null && Object.hasOwn(identities, identityId) ? identities[identityId]! : null;
}

/** The identity is a subject of the issuer's: `<issuer>|<user id>`. */
export function isSubject({ issuer, userId, identityId }: Target): boolean {
  return issuer !== null && userId !== null && identityId === `${issuer}|${userId}`;
}

/** Parts of what `identities` names, such as `namespace/name`. Throws where they are not as many as asked for. */
export function parts(value: string, count: number): readonly string[] {
  const found = value.split('/');
  if (found.length !== count || found.includes('')) throw new Error('an entry of "identities" has not the form that the call wants');
  return found;
}

/** For calls by which something ends: that it is not there is as good. */
export function goneIsDone(answer: OutboundAnswer): Verdict {
  return httpVerdict(answer, { 404: { kind: 'already' } });
}

/** For calls that change what must be there. */
export function plainVerdict(answer: OutboundAnswer): Verdict {
  return httpVerdict(answer);
}
