import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Verdict } from '../../port.ts';
import { formRequest, httpVerdict } from '../http.ts';
import type { AwsSettings } from './aws.ts';

const version = '2010-05-08';

/** A call of IAM's query interface, its form encoded as AWS's own libraries do: there is software that signs it over in that form. */
export function iamCall({ endpoint }: AwsSettings, action: string, parameters: Readonly<Record<string, string>>): OutboundRequest {
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
