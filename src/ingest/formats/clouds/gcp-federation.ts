import type { TokenEvent } from '../../../model/event.ts';
import { tokenId } from '../../token-id.ts';
import { text } from '../../values.ts';
import type { NormalizeContext } from '../format.ts';
import type { GcpFields } from './gcp-audit-fields.ts';

const issuer = 'gcp';
const inPool = 'principal://';

/** What another authority called the caller: the end of `principal://.../subject/<subject>`; `null` for other principals. */
export function subjectOf(principal: string): string | null {
  const at = principal.startsWith(inPool) ? principal.indexOf('/subject/') : -1;
  return at < 0 ? null : principal.slice(at + 9) || null;
}

/**
 * Sessions of federated callers. Google names neither the token that was exchanged nor those that it gave for it, so a session goes by
 * its principal in the pool, one in the name of a service account by both; what it rests on is told by the subject.
 */
export function describeFederation(event: TokenEvent, values: GcpFields, context: NormalizeContext): void {
  if (event.token !== null || event.authenticated !== true) return;
  const method = event.action ?? '';
  if (method.endsWith('ExchangeToken')) return exchanged(event, text(values.mapped), context);
  const account = text(values.principalEmail);
  const behind = text(values.delegation?.[0]);
  const caller = behind ?? text(values.principalSubject);
  const subject = caller === null ? null : subjectOf(caller);
  if (caller === null || subject === null) return;
  const own = tokenId(context, issuer, 'session', caller);
  event.tokenKind = 'session';
  event.tokenIssuer = issuer;
  event.lifecycle = event.outcome === 'failure' ? 'refused' : 'used';
  if (behind === null || account === null) {
    event.token = own;
    event.takes = subject;
  } else {
    event.token = tokenId(context, issuer, 'session', `${caller}|${account}`);
    event.parent = own;
  }
  const target = text(values.target);
  if (behind !== null || !method.endsWith('GenerateAccessToken') || target === null || event.outcome !== 'success') return;
  const email = target.slice(target.lastIndexOf('/') + 1);
  issued(event, tokenId(context, issuer, 'session', `${caller}|${email}`), `${issuer}|${email}`);
}

/** The principal stands for the session that came out; the record's own subject is that of the token which was handed in. */
function exchanged(event: TokenEvent, mapped: string | null, context: NormalizeContext): void {
  if (mapped === null || !mapped.startsWith(inPool) || event.outcome !== 'success') return;
  event.takes = event.userId === null || event.userId.startsWith(inPool) ? subjectOf(mapped) : event.userId;
  issued(event, tokenId(context, issuer, 'session', mapped), `${issuer}|${mapped}`);
}

function issued(event: TokenEvent, session: string, owner: string): void {
  event.issued = session;
  event.issuedKind = 'session';
  event.issuedIdentityId = owner;
  event.tokenIssuer = issuer;
  event.lifecycle = 'issued';
}
