import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Granted, Verdict } from '../../port.ts';
import { formRequest, httpVerdict } from '../http.ts';
import { plainRight } from '../rights.ts';
import type { AwsSettings } from './aws.ts';

const version = '2010-05-08';

/** A call of IAM's query interface, its form encoded as AWS's own libraries do: there is software that signs it over in that form. */
export function iamCall({ endpoint }: Pick<AwsSettings, 'endpoint'>, action: string, parameters: Readonly<Record<string, string>>): OutboundRequest {
  const request = formRequest(`${endpoint}/`, { Action: action, Version: version, ...parameters });
  return { ...request, body: request.body!.replaceAll('+', '%20').replaceAll('*', '%2A') };
}

/** What the answer means. IAM says that it is too busy with 400, and by a code. */
export function iamVerdict(answer: OutboundAnswer, known: Readonly<Record<string, Verdict>> = {}): Verdict {
  const code = answer.kind === 'answered' && answer.status >= 400 ? textOf(answer, 'Code') : null;
  if (code !== null && Object.hasOwn(known, code)) return known[code]!;
  if (code === 'Throttling' || code === 'ThrottlingException' || code === 'RequestLimitExceeded') return { kind: 'retry', reason: 'throttled' };
  return httpVerdict(answer);
}

const refusedCodes = new Set(['InvalidClientTokenId', 'SignatureDoesNotMatch', 'ExpiredToken', 'RequestExpired', 'MissingAuthenticationToken']);

/** IAM says 403 both where it does not know who asks and where he may not. */
export function iamRight(answer: OutboundAnswer): Granted {
  const isRefused = answer.kind === 'answered' && answer.status === 403 && refusedCodes.has(textOf(answer, 'Code') ?? '');
  return isRefused ? 'refused' : plainRight(answer);
}

/** Name of a user and of a role that there is not. */
export const nobody = 'Tokenward-asks-for-nobody';

/** The same of what does not exist: who may ask only for some things is refused as well. */
export function doubtfulIam(answer: OutboundAnswer): Granted {
  const granted = iamRight(answer);
  return granted === 'missing' ? 'doubtful' : granted;
}

/** Text of the first element of this name: what is asked for here has no markup inside. */
export function textOf(answer: OutboundAnswer, element: string): string | null {
  if (answer.kind !== 'answered' || answer.body === null) return null;
  const at = answer.body.indexOf(`<${element}>`);
  const end = answer.body.indexOf(`</${element}>`, at);
  return at < 0 || end < 0 ? null : answer.body.slice(at + element.length + 2, end);
}

/** The same of every element of this name inside `<member>`s. */
export function members(answer: OutboundAnswer): readonly OutboundAnswer[] {
  if (answer.kind !== 'answered' || answer.body === null) return [];
  return answer.body.split('<member>').slice(1).map((body) => ({ ...answer, body }));
}
