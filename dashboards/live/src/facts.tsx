import type { AlertDetail, NetworkView, TokenSummary, WhyView } from '../../../src/server/api/shapes.ts';
import { Fact, Id, When } from './bits.tsx';
import { IdentityLink } from './identity-link.tsx';
import { hrefOf } from './route.ts';
import { nowMs } from './state.ts';
import { bytes, count, duration, plain } from './words.ts';

export function Facts({ shown }: { shown: AlertDetail }) {
  const { summary, identity, workload, tokens, networks, resources, rule } = shown;
  return (
    <section class="facts-grid">
      <h2>Who, with what, from where</h2>
      <dl>
        <Fact name="identity">
          <IdentityLink id={identity?.id ?? null} name={identity?.name ?? summary.identityName} />{identity === null ? '' : ` · ${identity.kind}`}
          {identity === null ? null : <> · <a href={hrefOf('tokens', null, new URLSearchParams({ identity: identity.id }))}>its tokens</a></>}
        </Fact>
        <Fact name="owner">{plain(identity?.owner ?? 'nobody named in the inventory')}</Fact>
        <Fact name="workload">
          {workload === null ? 'unknown' : <Id text={workload.id} />}{typeof workload?.evidence === 'string' ? ` known by the ${workload.evidence}` : ''}
        </Fact>
        <Fact name={tokens.length > 1 ? 'tokens' : 'token'}>{tokens.map((token) => <Token key={token.fingerprint} token={token} />)}</Fact>
        <Fact name={networks.length > 1 ? 'networks' : 'network'}>{networks.map((network) => <div key={network.block}>{networkWords(network)}</div>)}</Fact>
        <Fact name="left so far">{bytes(summary.bytesOut)} in {count(summary.count)} events, {duration(summary.endMs - summary.startMs)}</Fact>
        {resources.length === 0 ? null : <Fact name="touched">{resources.map((one) => <div key={one}><Id text={one} /></div>)}</Fact>}
        <Fact name="known as">{knownAs(rule)}</Fact>
        <Fact name="alert"><Id text={summary.id} /></Fact>
      </dl>
    </section>
  );
}

/** What others call it. */
export function knownAs({ attack, owaspNhi }: Pick<WhyView, 'attack' | 'owaspNhi'>): string {
  const techniques = [...new Set(attack.map(({ technique, name }) => `${technique} ${name}`))].join(', ');
  const parts = [techniques === '' ? null : `ATT&CK ${techniques}`, owaspNhi.length === 0 ? null : `OWASP NHI ${owaspNhi.join(', ')}`];
  return parts.filter((part) => part !== null).join(' · ') || 'nothing that others name';
}

export function Token({ token }: { token: TokenSummary }) {
  return (
    <div>
      <Id text={token.handle ?? token.fingerprint} /> {token.kind.replaceAll('_', ' ')} ·{' '}
      {token.issuedAtMs === null ? 'issued at a time unknown' : <>issued <When at={token.issuedAtMs} />, {duration(nowMs.value - token.issuedAtMs)} ago</>}
      {token.revokedAtMs === null ? null : <strong> · revoked <When at={token.revokedAtMs} /></strong>}
    </div>
  );
}

export function networkWords({ block, name, asOrganization, asNumber, country, class: kind }: NetworkView): string {
  const known = [name, asOrganization, asNumber === null ? null : `AS${asNumber}`, country, kind].filter((text) => text !== null && text !== undefined);
  return plain(`${block}${known.length === 0 ? '' : ` · ${known.join(', ')}`}`);
}
