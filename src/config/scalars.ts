import { z } from 'zod';
import { durationMs, durationPattern, isCidr } from './units.ts';

/** What settings of all sections are made of. `title` says what is expected: error messages are made of it. */
export const text = z.string().min(1).meta({ title: 'a text' });
export const file = z.string().min(1).meta({ title: 'the name of a file' });
export const texts = z.array(text).default([]);
export const yesOrNo = z.boolean().meta({ title: 'true or false' });
export const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })])
  .meta({ title: 'a date such as 2026-03-31, or a time such as 2026-03-31T12:00:00Z' });
export const cidr = z.string().refine(isCidr).meta({ title: 'a network such as 10.20.0.0/16 or 2001:db8::/32' });

/** A duration of at least `least`, both as the configuration writes them. */
export function duration(example: string, least = '0') {
  const leastMs = durationMs(least) as number;
  const title = leastMs === 0 ? `a duration such as ${example}` : `a duration of at least ${least}, such as ${example}`;
  return z.string().regex(durationPattern).refine((value) => (durationMs(value) ?? 0) >= leastMs).meta({ title });
}

export function wholeNumber(least: number, most: number) {
  return z.int().min(least).max(most).meta({ title: `a whole number from ${least} to ${most}` });
}
