import { dayMs, epochMs, hourMs, type Rhythm, type Workload } from './calls.ts';

const ordinary = { share: 3, size: 400_000, spread: [0.4, 0.9], calls: 30, extraHistoryDays: 0, tokenLifeMs: null, rotatedAfterDays: null, place: 'fixed' } as const;

const dateOf = (day: number): Date => new Date(epochMs + day * dayMs);
const isWeekend = (day: number): boolean => [0, 6].includes(dateOf(day).getUTCDay());
const dayOfMonth = (day: number): number => dateOf(day).getUTCDate();
const daysToMonthEnd = (day: number): number => new Date(Date.UTC(dateOf(day).getUTCFullYear(), dateOf(day).getUTCMonth() + 1, 0)).getUTCDate() - dayOfMonth(day);

function bytesOf(workload: Workload, factor = 1): number {
  return Math.max(200, factor * workload.random.around(workload.size, workload.spread));
}

/** Calls through the day as people work: little at night and on weekends. */
function diurnal(factor: (workload: Workload, day: number) => number): Rhythm['day'] {
  return (workload, day, emit) => {
    const { random } = workload;
    const busy = (isWeekend(day) ? 0.2 : 1) * random.around(1, 0.15);
    for (let hour = 0; hour < 24; hour += 1) {
      const shape = 0.1 + Math.max(0, Math.sin((hour - 6) * Math.PI / 13)) ** 1.5;
      const count = random.poisson(workload.calls / 8 * busy * shape);
      for (let call = 0; call < count; call += 1) emit(day * dayMs + (hour + random.next()) * hourMs, bytesOf(workload, factor(workload, day)));
    }
  };
}

/** A few calls at a fixed minute of each hour. */
function hourly(factor: (workload: Workload, day: number) => number): Rhythm['day'] {
  return (workload, day, emit) => {
    const { random } = workload;
    const minute = workload.number * 7 % 60;
    const count = Math.max(1, Math.round(workload.calls / 24));
    for (let hour = 0; hour < 24; hour += 1) {
      if (random.next() < 0.01) continue;
      for (let call = 0; call < count; call += 1) {
        emit(day * dayMs + hour * hourMs + minute * 60_000 + call * 700 + random.whole(20_000), bytesOf(workload, factor(workload, day)));
      }
    }
  };
}

/** All calls in one run at a fixed hour; a run fails now and then and is done again later. */
function batch(isDue: (workload: Workload, day: number) => boolean): Rhythm['day'] {
  return (workload, day, emit) => {
    if (!isDue(workload, day)) return;
    const { random } = workload;
    const volume = random.around(1, 0.15);
    const run = (startMs: number, share: number): void => {
      const count = Math.max(1, Math.round(workload.calls * share * random.around(1, 0.1)));
      for (let call = 0; call < count; call += 1) emit(startMs + call * 3_500 + random.whole(3_000), bytesOf(workload, volume));
    };
    const startMs = day * dayMs + (workload.number * 5 % 24) * hourMs + random.whole(1_200_000);
    const fails = random.next() < 0.01;
    run(startMs, fails ? random.next() : 1);
    if (fails) run(startMs + random.between(0.5, 3) * hourMs, 1);
  };
}

const steady = (): number => 1;
const monthEnd = (workload: Workload, day: number): number => (daysToMonthEnd(day) < 1 || dayOfMonth(day) <= 2 ? 3 + workload.number % 3 : 1);
const report = (workload: Workload, day: number): number => (dayOfMonth(day) === 3 + workload.number % 20 ? 10 : 1);
const quarterEnd = (workload: Workload, day: number): number => (
  daysToMonthEnd(day) < 3 && dateOf(day).getUTCMonth() % 3 === 2 ? 4 + workload.number % 3 : 1
);
const isMonthly = ({ number }: Workload, day: number): boolean => dayOfMonth(day) === 1 + number % 25;
const growth = (_: Workload, day: number): number => 1.5 ** (day / 180);

const ci: Rhythm['day'] = (workload, day, emit) => {
  const { random } = workload;
  const runs = random.poisson((isWeekend(day) ? 0.15 : 1) * workload.calls / 5);
  for (let run = 0; run < runs; run += 1) {
    const startMs = day * dayMs + random.between(6.5, 21) * hourMs;
    const spot = random.whole(4_000);
    for (let step = 0; step < 5; step += 1) emit(startMs + step * 25_000, bytesOf(workload), spot);
  }
};

export const rhythms: readonly Rhythm[] = [
  { ...ordinary, profile: 'cron', share: 4, calls: 48, day: hourly(steady) },
  { ...ordinary, profile: 'cron-month-end', share: 2, calls: 24, extraHistoryDays: 60, day: hourly(monthEnd) },
  { ...ordinary, profile: 'cron-report', share: 1, calls: 24, extraHistoryDays: 90, day: hourly(report) },
  { ...ordinary, profile: 'cron-quarter-end', share: 1, calls: 24, extraHistoryDays: 190, day: hourly(quarterEnd) },
  { ...ordinary, profile: 'web', share: 5, size: 60_000, spread: [0.8, 1.4], calls: 70, day: diurnal(steady) },
  { ...ordinary, profile: 'web-month-end', share: 2, size: 60_000, spread: [0.8, 1.3], calls: 40, extraHistoryDays: 60, day: diurnal(monthEnd) },
  { ...ordinary, profile: 'growing', share: 1, calls: 24, day: hourly(growth) },
  { ...ordinary, profile: 'short-token', share: 3, size: 80_000, spread: [0.6, 1.1], calls: 60, tokenLifeMs: 900_000, day: diurnal(steady) },
  { ...ordinary, profile: 'nightly', share: 3, size: 8e6, spread: [0.2, 0.6], calls: 20, day: batch(() => true) },
  { ...ordinary, profile: 'weekly', share: 2, size: 2e7, spread: [0.2, 0.5], calls: 30, extraHistoryDays: 60, day: batch(({ number }, day) => day % 7 === number % 7) },
  { ...ordinary, profile: 'monthly', share: 1, size: 5e7, spread: [0.2, 0.5], calls: 30, extraHistoryDays: 160, day: batch(isMonthly) },
  {
    ...ordinary, profile: 'quarterly', share: 1, size: 5e7, spread: [0.2, 0.5], calls: 30, extraHistoryDays: 160,
    day: batch((workload, day) => isMonthly(workload, day) && dateOf(day).getUTCMonth() % 3 === workload.number % 3),
  },
  { ...ordinary, profile: 'ci', share: 3, size: 3e6, spread: [0.4, 0.8], calls: 30, tokenLifeMs: 3_600_000, place: 'cloud', day: ci },
  { ...ordinary, profile: 'pooled', share: 2, place: 'pool', day: diurnal(steady) },
  { ...ordinary, profile: 'deployed', share: 2, place: 'moving', day: hourly(steady) },
  { ...ordinary, profile: 'rotated', share: 2, rotatedAfterDays: 30, day: hourly(steady) },
  { ...ordinary, profile: 'vendor', share: 1, place: 'vendor', day: hourly(steady) },
];
