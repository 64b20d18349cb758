import { Rows } from './rows.tsx';
import { filter, groups, isLoaded, loadQueue, maxNewcomers, newcomers, rows, severities, sorts, statuses, total } from './queue-state.ts';
import { setQuery } from './route.ts';
import { SavedViews } from './saved-views.tsx';
import { count } from './words.ts';

export function Queue() {
  return (
    <section class="queue" aria-label="alerts">
      <Filters />
      <div class="announced">
        <span role="status">
          {rows.value.length === total.value ? `${count(total.value)} ${noun()}` : `${count(rows.value.length)} of ${count(total.value)} ${noun()} loaded`}
        </span>
        <span class="spring" />
        {newcomers.value === 0 ? null : (
          <button type="button" class="newcomers" onClick={() => void loadQueue()}>
            {newcomers.value === 1 ? '1 new alert' : `${count(newcomers.value)}${newcomers.value >= maxNewcomers ? ' or more' : ''} new alerts`} ·{' '}
            show <kbd>n</kbd>
          </button>
        )}
      </div>
      {rows.value.length === 0 ? <Nothing /> : <Rows />}
    </section>
  );
}

function noun(): string {
  const { group } = filter.value;
  if (total.value === 1) return group === '' ? 'alert' : group;
  return group === '' ? 'alerts' : group === 'identity' ? 'identities' : `${group}s`;
}

function Filters() {
  const { status, severity, sort, text, detector, group } = filter.value;
  return (
    <div class="filters">
      <input
        id="search" type="search" placeholder="Search   /" aria-label="search" value={text} maxLength={200}
        onInput={(event) => setQuery({ text: event.currentTarget.value })}
      />
      <Choice label="status" value={status} options={Object.fromEntries(statuses.map((name) => [name, name]))} usual="open" name="status" />
      <Choice label="severity" value={severity} options={severities} usual="" name="severity" />
      <Choice label="order" value={sort} options={sorts} usual="severity" name="sort" />
      <Choice label="group" value={group} options={groups} usual="" name="group" />
      {detector === '' ? null : <button type="button" class="pill" onClick={() => setQuery({ detector: '' })}>only {detector} ✕</button>}
      <SavedViews />
    </div>
  );
}

interface ChoiceParts { label: string; name: string; value: string; usual: string; options: Readonly<Record<string, string>> }

function Choice({ label, name, value, usual, options }: ChoiceParts) {
  return (
    <select aria-label={label} value={value} onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value === usual ? '' : currentTarget.value })}>
      {Object.entries(options).sort(([, a], [, b]) => (a.startsWith('any') ? -1 : b.startsWith('any') ? 1 : 0))
        .map(([key, text]) => <option key={key} value={key}>{text}</option>)}
    </select>
  );
}

function Nothing() {
  const { severity, text, detector, status } = filter.value;
  if (!isLoaded.value) return <p class="nothing">Loading…</p>;
  if (severity !== '' || text !== '' || detector !== '') return <p class="nothing">No alert fits the filter.</p>;
  return <p class="nothing">No {status === 'all' ? '' : `${status} `}alerts. It is quiet.</p>;
}
