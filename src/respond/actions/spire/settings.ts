import { isAbsolute } from 'node:path';
import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Target } from '../../../model/intent.ts';
import type { GrpcAnswer, GrpcRequest } from '../../../outbound/grpc-port.ts';
import { findGrpcFault, readProof, type GrpcOptions } from '../../../outbound/grpc.ts';
import type { Declaration } from '../declaration.ts';
import { listed } from '../provider.ts';
import { spireSchema } from './schema.ts';
import { spiffeIdOf, type SpiffeId } from './spiffe-id.ts';

type Section = SectionOf<'spire'>;

export interface SpireSettings {
  readonly trustDomain: string;
  readonly issuer: string;
  readonly identities: Readonly<Record<string, string>>;
  readonly isEvery: boolean;
  readonly isPrivileged: boolean;
  readonly exposureMs: number;
}

/** What becomes of SVIDs that were handed out before, and what our own credential needs: the same for every call. */
export const svidsGoOn = 'JWT-SVIDs already handed out are good until they expire (five minutes), X509-SVIDs an hour, unless that was changed: until then '
  + 'only a denial by subject at the gateway stops them.';
export const administrator = 'The private socket of the server, or an X509-SVID whose entry is marked admin: SPIRE has no smaller right.';

/** One thing that SPIRE's server is asked to do. */
export type SpireCall = Declaration<SpireSettings, GrpcRequest, GrpcAnswer> & {
  /** Answered without acting, to whoever may act. */
  readonly question: GrpcRequest;
  readonly unasked: string;
};

export function spireSettings({ trust_domain: trustDomain, issuer, identities, all_entries: isEvery, privileged, exposure }: Section): SpireSettings {
  return { trustDomain, issuer, identities, isEvery, isPrivileged: privileged, exposureMs: durationMs(exposure) as number };
}

/** Throws an `Error` in plain words where the address or a file cannot be used. */
export function spireConnection(section: Section): Omit<GrpcOptions, 'resolve'> {
  const { name, address, certificate_file: certificateFile, key_file: keyFile, bundle_file: bundleFile, trust_domain: trustDomain } = section;
  const isShown = certificateFile !== undefined && keyFile !== undefined && bundleFile !== undefined;
  if (isAbsolute(address) && (certificateFile ?? keyFile ?? bundleFile) !== undefined) throw new Error(`action ${name} needs no certificate on a socket`);
  const proof = isShown ? { certificateFile, keyFile, bundleFile, serverId: `spiffe://${trustDomain}/spire/server` } : null;
  const options = { address, schema: spireSchema, proof, allowPrivate: section.allow_private };
  const fault = findGrpcFault(options);
  if (fault !== null) throw new Error(`the address of action ${name} ${fault}`);
  if (proof !== null) readProof(proof);
  return options;
}

/** What the call is done to: what the configuration names for the identity, else the identity itself. A fixed word where it cannot be. */
export function namedBy(target: Target, settings: SpireSettings): SpiffeId | string {
  const { tokenKind, issuer, identityId } = target;
  const named = listed(target, settings);
  if (named === null) {
    if (tokenKind !== 'jwt' && tokenKind !== 'certificate') return 'token_kind_not_supported';
    // Whom a certificate was issued by, its SPIFFE ID says.
    if (tokenKind === 'jwt' && issuer !== settings.issuer) return 'other_issuer';
  }
  const prefix = `${issuer}|`;
  const subject = identityId?.startsWith(prefix) === true ? identityId.slice(prefix.length) : identityId;
  const id = spiffeIdOf(named ?? subject ?? '');
  if (id === null) return 'no_public_id';
  return id.trust_domain === settings.trustDomain ? id : 'other_trust_domain';
}
