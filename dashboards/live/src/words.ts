import { signal } from '@preact/signals';

/** Times are shown in UTC or in the browser's own zone. */
export const inUtc = signal(localStorage.getItem('utc') !== 'no');

const severityNames: Readonly<Record<number, string>> = { 21: 'low', 47: 'medium', 73: 'high', 99: 'critical' };
export type Severity = 'low' | 'medium' | 'high' | 'critical';

export function severityOf(value: number): Severity {
  return (severityNames[value] ?? 'low') as Severity;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function bytes(value: number): string {
  let place = 0;
  let rest = value;
  while (rest >= 999.5 && place < units.length - 1) [rest, place] = [rest / 1000, place + 1];
  return `${place === 0 || rest >= 99.5 ? Math.round(rest) : rest.toFixed(1)} ${units[place]}`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** How long, in its two largest units. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  const days = Math.round(seconds / 86_400);
  return days < 90 ? `${days} days` : days < 730 ? `${Math.round(days / 30.44)} months` : `${(days / 365.25).toFixed(1)} years`;
}

export function ago(timeMs: number, nowMs: number): string {
  if (timeMs - nowMs > 2000) return `in ${duration(timeMs - nowMs)}`;
  return nowMs - timeMs < 2000 ? 'just now' : `${duration(nowMs - timeMs)} ago`;
}

function part(timeMs: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('sv-SE', { ...options, ...(inUtc.value ? { timeZone: 'UTC' } : {}) }).format(timeMs);
}

export function time(timeMs: number): string {
  return part(timeMs, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

export function day(timeMs: number): string {
  return part(timeMs, { year: 'numeric', month: '2-digit', day: '2-digit' });
}

export function moment(timeMs: number): string {
  return `${day(timeMs)} ${time(timeMs)}${inUtc.value ? ' UTC' : ''}`;
}

/** Characters that turn or hide text are shown as what they are: names come from logs. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `largestDayBytes` -> "largest day", with the value in its unit. */
export function measure(name: string, value: number | string): { label: string; text: string } {
  if (name === 'asNumber') return { label: 'autonomous system', text: `AS${value}` };
  if (name === 'windowMs' && typeof value === 'number') return { label: 'looked at', text: duration(value) };
  const [, stem = name, unit = ''] = /^(.*?)(Bytes|Ms|Days|Requests|Objects)?$/.exec(name) ?? [];
  const words = stem.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).trim().replace(/\bwindow$/, 'ten minutes');
  if (typeof value === 'string') return { label: words, text: plain(value) };
  if (unit === 'Bytes') return { label: words === '' ? 'bytes' : words, text: bytes(value) };
  if (unit === 'Ms') return { label: words, text: duration(value) };
  const suffix = unit === '' ? '' : unit.toLowerCase();
  return { label: words, text: `${Number.isInteger(value) ? count(value) : value.toFixed(2)} ${suffix}`.trim() };
}
