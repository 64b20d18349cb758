import type { SectionOf } from '../../../config/respond-schema.ts';
import { grpcClient, type GrpcSend } from '../../../outbound/grpc.ts';
import type { Resolve } from '../../../outbound/egress.ts';
import type { Action, OwnRights } from '../../port.ts';
import { grpcRight } from '../grpc.ts';
import { makeAction } from '../perform.ts';
import { spireAgent } from './agent.ts';
import { spireEntry } from './entry.ts';
import { spireConnection, spireSettings, type SpireCall } from './settings.ts';

export interface SpireParts { readonly now?: () => number; readonly resolve?: Resolve }

/** Throws an `Error` in plain words where the address or a file cannot be used. */
export function openSpire(section: SectionOf<'spire'>, { now, resolve }: SpireParts): Action {
  const declaration = section.call === 'entry' ? spireEntry : spireAgent;
  const send = grpcClient({ ...spireConnection(section), ...(resolve === undefined ? {} : { resolve }) });
  const parts = { name: section.name, send, openToken: null, ...(now === undefined ? {} : { now }) };
  return { ...makeAction(declaration, spireSettings(section), parts), rights: rightsOf(declaration, send) };
}

/** Only administrators are answered, and they may do everything. */
function rightsOf({ question, unasked }: SpireCall, send: GrpcSend): OwnRights {
  const right = `${question.method.split('.').at(-1)} as an administrator`;
  return { unasked, ask: async (signal) => [{ right, granted: grpcRight(await send(question, signal)) }] };
}
