import { defineDetector, type Bill, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { certain } from './certain.ts';
import { countInWords, durationInWords, nameOf, plural } from './words.ts';

const parameters = {
  minimumCost: { default: 100, kind: 'number', describe: 'A bill below this, in its own currency, never alerts.' },
} as const;

/** So many times the usual hours of work a day are more than usual. */
const leastTimes = 2;
/** Among more callers than this a newcomer need not be the one. */
const fewCallers = 4;

const id = 'cost-spike';

export default defineDetector({
  id,
  title: 'A bill, or the provider\'s own watch over it, stands out, and a token used that service in that time as it did not before, or has an incident.',
  alertTitle: 'Unusual costs while a token behaved unusually',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0040', technique: 'T1496' }],
  owaspNhi: ['NHI2', 'NHI7'],
  restsOn: 'volume',
  cases: ['C09 model invocations that show on the bill', 'C10 abuse of functions and machines at another\'s expense'],
  grace: 'Rows of a bill are judged from the 14th day; a provider\'s own anomalies at once.',
  blindSpots: [
    'Bills come hours to days late: this tells whose tokens a bill is about, and is no early warning.',
    'Services that the bill calls otherwise than the audit log does are looked for among all of the account.',
    'Services whose uses no log tells.',
  ],
  acceptance: 'Nothing is learned here: it ends when the provider tells of no further anomaly.',

  needs: needs.bill,

  observe(event: TokenEvent, _records: object, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    const { bill } = context;
    if (bill === null || bill.amount < values.minimumCost) return null;
    const inIncident = context.incidentSinceMs('any', id) !== null;
    const why = reasonOf(bill, event);
    if (why === null && !inIncident) return null;
    const among = bill.callers === 1 ? 'nobody else did' : `${plural(bill.callers - 1, 'other caller')} did too`;
    return certain(event, {
      severity: inIncident || bill.isNewcomer && bill.callers <= fewCallers ? 73 : 47,
      reason: `${moneyInWords(bill)} more than usual were billed for ${bill.service ?? 'an account'} in ${event.cloudAccount ?? 'the account'}, `
        + `while ${nameOf(event)} used it ${countInWords(bill.hoursPerDay)} hours a day; `
        + `${[...why === null ? [] : [why], ...inIncident ? ['an incident is open for it'] : []].join(', and ')}; ${among}.`,
      baseline: { usualAmount: Math.round(bill.usualAmount), usualHoursPerDay: Math.round(10 * bill.usualHoursPerDay) / 10 },
      observed: { amount: Math.round(100 * bill.amount) / 100, hoursPerDay: Math.round(10 * bill.hoursPerDay) / 10, callers: bill.callers },
    });
  },
});

/** What is odd about the caller himself; a bill that only grew with the work is none of ours. */
function reasonOf(bill: Bill, event: TokenEvent): string | null {
  if (bill.isNewcomer) return `it first did so ${durationInWords(Math.max(1_000, event.orderMs - bill.firstUseMs))} before the bill was told`;
  if (bill.hoursPerDay < leastTimes * bill.usualHoursPerDay) return null;
  return `its usual is ${countInWords(bill.usualHoursPerDay)}`;
}

function moneyInWords({ amount, currency }: Bill): string {
  return currency === 'USD' ? `$${countInWords(amount)}` : `${countInWords(amount)} ${currency ?? 'units'}`;
}
