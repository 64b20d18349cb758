import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FlawView, IdentityView, TokenSummary } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { Id, When } from './bits.tsx';
import { IdentityLink } from './identity-link.tsx';
import { go, hrefOf, route, setQuery, type View } from './route.ts';
import { attempt } from './state.ts';
import { Table } from './table.tsx';
import { count, plain } from './words.ts';

const pageRows = 100;
const typingMs = 180;
const mostFlaws = 2;

interface Listed {
  readonly asked: string;
  readonly tokens: readonly TokenSummary[];
  readonly total: number;
  readonly next: string | null;
}
const listed = signal<Listed | null>(null);

async function load(asked: string, after: string | null): Promise<void> {
  const query = new URLSearchParams(asked);
  query.set('limit', String(pageRows));
  if (after !== null) query.set('after', after);
  await attempt(async () => {
    const page = await api.tokens(query);
    const before = after === null || listed.value?.asked !== asked ? [] : listed.value.tokens;
    listed.value = { total: page.total, next: page.next, asked, tokens: [...before, ...page.tokens] };
  });
}

/** Every token that is known, whose it is, and what is wrong with it. */
export function Tokens() {
  const { query } = route.value;
  const text = query.get('text') ?? '';
  const identity = query.get('identity');
  const asked = new URLSearchParams({ ...(text.trim() === '' ? {} : { text: text.trim() }), ...(identity === null ? {} : { identity }) }).toString();
  useEffect(() => {
    const timer = setTimeout(() => void load(asked, null), typingMs);
    return () => clearTimeout(timer);
  }, [asked]);
  const shown = listed.value;
  return (
    <section class="wide">
      <h1>Tokens</h1>
      <div class="filters">
        <input
          id="search" type="search" aria-label="search" placeholder="handle, fingerprint, identity, workload, owner, address   /" value={text} maxLength={200}
          onInput={(event) => setQuery({ text: event.currentTarget.value })} onKeyDown={(event) => { if (event.key === 'Enter') openOnly(); }}
        />
        {identity === null ? null : <button type="button" class="pill" onClick={() => setQuery({ identity: '' })}>only of {plain(identity)} ✕</button>}
      </div>
      {shown === null ? <p class="nothing">Loading…</p> : (
        <Found shown={shown} />
      )}
    </section>
  );
}

/** Whose all of them are: then it is its page that was looked for. `null`: several identities', or nobody's. */
function onlyOwner(): IdentityView | null {
  const [first = null] = listed.value?.tokens ?? [];
  const only = first?.identity ?? null;
  return listed.value?.tokens.every(({ identity }) => identity?.id === only?.id) === true ? only : null;
}

function openOnly(): void {
  const only = onlyOwner();
  if (only !== null) go(hrefOf('identities', only.id));
}

function Found({ shown: { asked, tokens, total, next } }: { shown: Listed }) {
  if (tokens.length === 0) return <p class="nothing">{asked === '' ? 'No token is known yet: the logs have named none.' : 'No token fits.'}</p>;
  const only = onlyOwner();
  return (
    <>
      <TokenTable tokens={tokens} />
      <p class="line">
        <span role="status">{count(tokens.length)} of {count(total)}</span>
        {only === null ? null : <span>all of <IdentityLink id={only.id} name={only.name} /> <kbd>Enter</kbd></span>}
        {next === null ? null : <button type="button" onClick={() => void load(asked, next)}>more</button>}
      </p>
    </>
  );
}

const whose = ['whose', 'workload', 'owner'];

/** `isOfOne`: all of one identity, so whose they are need not be told again. */
export function TokenTable({ tokens, isOfOne = false }: { tokens: readonly TokenSummary[]; isOfOne?: boolean }) {
  return (
    <Table label="tokens" head={['token', 'kind', ...isOfOne ? [] : whose, 'issued', 'last used', 'expires', 'posture']}>
      {tokens.map((token) => <Row key={token.fingerprint} token={token} isOfOne={isOfOne} />)}
    </Table>
  );
}

function Row({ token, isOfOne }: { token: TokenSummary; isOfOne: boolean }) {
  const { identity, workload } = token;
  const when = (at: number | null, absent: string) => (at === null ? absent : <When at={at} />);
  return (
    <tr>
      <th scope="row"><Id text={token.handle ?? token.fingerprint} /></th>
      <td>{token.kind.replaceAll('_', ' ')}</td>
      {isOfOne ? null : (
        <>
          <td class="wraps"><IdentityLink id={identity?.id ?? null} name={identity?.name ?? null} /></td>
          <td class="wraps">{workload === null ? 'unknown' : plain(workload.id)}</td>
          <td>{plain(identity?.owner ?? 'nobody')}</td>
        </>
      )}
      <td>{when(token.issuedAtMs, 'unknown')}</td>
      <td>{when(token.lastUsedMs, 'never')}</td>
      <td>{when(token.expiresAtMs, 'unknown')}</td>
      <td><span class="posture">
        {token.openAlerts > 0 ? <a class="pill bad" href={link('alerts', { text: token.fingerprint })}>{token.openAlerts} open</a> : null}
        <Flaws flaws={token.posture} most={isOfOne ? 0 : mostFlaws} />
        {token.revokedAtMs === null ? null : <span class="pill">revoked <When at={token.revokedAtMs} /></span>}
      </span></td>
    </tr>
  );
}

/** The most pressing ones; the others, and what is to be done, in the tip. */
function Flaws({ flaws, most }: { flaws: readonly FlawView[]; most: number }) {
  const words = ({ title, isFact }: FlawView): string => `${title}${isFact ? '' : '?'}`;
  const rest = flaws.slice(most);
  return (
    <>
      {flaws.slice(0, most).map((one) => (
        <span key={one.kind} class={`pill ${one.isFact ? 'old' : ''}`} title={`${plain(one.detail)}. ${one.remedy}. ${one.owaspNhi.join(', ')}`}>
          {words(one)}
        </span>
      ))}
      {rest.length === 0 ? null : (
        <span class="pill" title={rest.map(words).join('\n')}>
          {most === 0 ? `${rest.length} ${rest.length === 1 ? 'flaw' : 'flaws'}` : `and ${rest.length} more`}
        </span>
      )}
    </>
  );
}

function link(view: View, query: Record<string, string>): string {
  return hrefOf(view, null, new URLSearchParams(query));
}
