import type { AlertSummary, UseView } from '../../../src/server/api/shapes.ts';
import type { IdentityDetail, LifeMoment } from '../../../src/server/api/shapes-insight.ts';
import { originsOf } from './origins.tsx';
import { hrefOf } from './route.ts';
import { count, day, moment, plain, severityOf } from './words.ts';

const width = 1100;
const left = 190;
const right = 12;
const lane = 24;
const top = 20;
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const maxMs = 64 * weekMs;
const maxNetworks = 7;
const letters = 28;

type X = (timeMs: number) => number;
type TickKind = 'issued' | 'ended' | 'done';
interface Lane { readonly name: string; readonly draw: (x: X) => preact.ComponentChild; readonly isNew?: boolean }

/** A whole life in one picture: tokens that came and went, networks by week, calls by day, alerts and what was done, on one axis of time. */
export function Life({ shown, untilMs }: { shown: IdentityDetail; untilMs: number }) {
  const lanes = lanesOf(shown);
  const firstMs = shown.identity.firstSeenMs ?? untilMs - weekMs;
  const fromMs = Math.max(untilMs - maxMs, Math.min(firstMs, untilMs - weekMs)) - dayMs / 2;
  const x: X = (timeMs) => left + (width - left - right) * Math.min(1, Math.max(0, (timeMs - fromMs) / (untilMs + dayMs / 2 - fromMs)));
  const bottom = top + lanes.length * lane;
  const ticks = Array.from({ length: 6 }, (_, place) => fromMs + (untilMs - fromMs) * place / 5);
  return (
    <section class="life card">
      <h2>Its life</h2>
      <div class="scroller" role="region" aria-label="life in one picture" tabIndex={0}>
        <svg viewBox={`0 0 ${width} ${bottom + 22}`} role="group" aria-label={spoken(shown)}>
          {ticks.map((timeMs, place) => (
            <g key={timeMs} class="tick">
              <line x1={x(timeMs)} x2={x(timeMs)} y1={top - 4} y2={bottom} />
              <text x={x(timeMs)} y={bottom + 15} text-anchor={place === 0 ? 'start' : place === 5 ? 'end' : 'middle'}>{day(timeMs)}</text>
            </g>
          ))}
          {firstMs < fromMs ? null : <text class="first" x={x(firstMs)} y={11}>first seen</text>}
          {lanes.map(({ name, draw, isNew }, place) => (
            <g key={`${place} ${name}`} transform={`translate(0 ${top + place * lane})`}>
              <text class={isNew ? 'new' : 'name'} x={0} y={15}><title>{plain(name)}</title>{shortened(name)}</text>
              {draw(x)}
            </g>
          ))}
        </svg>
      </div>
    </section>
  );
}

function lanesOf(shown: IdentityDetail): Lane[] {
  const { life, uses, activity, alerts, intents } = shown;
  const ticks = (of: LifeMoment[], kind: TickKind): Lane['draw'] => (x) => of.map((one) => (
    <Tick key={`${one.kind} ${one.token}`} at={x(one.timeMs)} kind={kind} text={`${moment(one.timeMs)}: ${one.token} ${one.kind}`} />));
  const [issued, ended] = [life.filter(({ kind }) => kind === 'issued'), life.filter(({ kind }) => kind !== 'issued')];
  const done = intents.flatMap(({ kind, sentMs, verifiedMs }) => (
    sentMs === null ? [] : [{ timeMs: verifiedMs ?? sentMs, text: `${kind} ${verifiedMs === null ? 'sent' : 'proven'}` }]));
  const lanes: (Lane & { readonly isThere: boolean })[] = [
    { name: `issued · ${count(issued.length)}`, isThere: issued.length > 0, draw: ticks(issued, 'issued') },
    { name: 'rotated, revoked', isThere: ended.length > 0, draw: ticks(ended, 'ended') },
    ...networkLanes(uses).map((one) => ({ ...one, isThere: true })),
    { name: 'calls by day', isThere: activity !== null, draw: (x) => (activity === null ? null : <Calls hours={activity.hours} x={x} />) },
    {
      name: `alerts · ${count(shown.alertTotal)}`, isThere: true,
      draw: (x) => alerts.map((alert) => <Raised key={alert.id} alert={alert} at={x(alert.startMs)} />),
    },
    { name: 'response', isThere: done.length > 0, draw: (x) => done.map(({ timeMs, text }, place) => (
      <Tick key={place} at={x(timeMs)} kind="done" text={`${moment(timeMs)}: ${text}`} />)) },
  ];
  return lanes.filter(({ isThere }) => isThere);
}

function Raised({ alert: { id, title, severity, startMs }, at }: { alert: AlertSummary; at: number }) {
  return (
    <a href={hrefOf('alerts', id)} aria-label={plain(`${title}, ${day(startMs)}`)}>
      <circle class={`dot severity-${severityOf(severity)}`} cx={at} cy={11} r={5.5}><title>{plain(`${moment(startMs)}: ${title}`)}</title></circle>
    </a>
  );
}

function networkLanes(uses: readonly UseView[]): Lane[] {
  const origins = originsOf(uses);
  return origins.slice(0, maxNetworks).map((origin) => ({
    name: origin.name, isNew: origin.isNew,
    draw: (x: X) => (
      <Weeks
        x={x} isNew={origin.isNew}
        uses={uses.filter(({ network, suspect }) => suspect === origin.isNew && origin.blocks.includes(network?.block ?? ''))}
      />
    ),
  }));
}

/** A bar for each week of use, no longer than from the first use to the last. */
function Weeks({ uses, x, isNew }: { uses: readonly UseView[]; x: X; isNew: boolean }) {
  const spans = uses.flatMap(({ weeks, firstMs, lastMs }) => weeks.map((startMs) => [Math.max(startMs, firstMs), Math.min(startMs + weekMs, lastMs)] as const));
  return (
    <>
      {spans.map(([from, to], place) => (
        <rect key={place} class={isNew ? 'beyond' : 'usual'} x={x(from)} width={Math.max(3, x(to) - x(from))} y={5} height={12}>
          <title>{`${day(from)} to ${day(to)}`}</title>
        </rect>
      ))}
    </>
  );
}

function Calls({ hours: { startMs, stepMs, calls }, x }: { hours: NonNullable<IdentityDetail['activity']>['hours']; x: X }) {
  const days = new Map<number, number>();
  for (const [place, many] of calls.entries()) {
    const own = Math.floor((startMs + place * stepMs) / dayMs) * dayMs;
    days.set(own, (days.get(own) ?? 0) + many);
  }
  const most = Math.max(1, ...days.values());
  return (
    <>
      {[...days].filter(([, many]) => many > 0).map(([own, many]) => {
        const tall = Math.max(2, 18 * many / most);
        return (
          <rect key={own} class="usual" x={x(own)} width={Math.max(2, x(own + dayMs) - x(own) - 1)} y={20 - tall} height={tall}>
            <title>{`${day(own)}: ${count(many)} calls`}</title>
          </rect>
        );
      })}
    </>
  );
}

function Tick({ at, kind, text }: { at: number; kind: TickKind; text: string }) {
  return <rect class={`moment ${kind}`} x={at - 1.5} width={3} y={3} height={16}><title>{plain(text)}</title></rect>;
}

function shortened(text: string): string {
  const shown = plain(text);
  return shown.length <= letters ? shown : `${shown.slice(0, letters - 1)}…`;
}

function spoken({ identity, tokenTotal, alertTotal, uses }: IdentityDetail): string {
  const owners = originsOf(uses).map(({ name }) => name).join(', ');
  return plain(`${identity.name ?? identity.id}: ${count(tokenTotal)} tokens, ${count(alertTotal)} alerts, networks of ${owners || 'nobody known'}`);
}
