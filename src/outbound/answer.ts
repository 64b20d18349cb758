import type { OutboundAnswer } from './client.ts';

/** The members of a JSON object, whatever the status; `null` where the body is none. */
export function objectOf(answer: OutboundAnswer): Readonly<Record<string, unknown>> | null {
  return asObject(jsonOf(answer));
}

/** The body as JSON; `null` where it is none. */
export function jsonOf(answer: OutboundAnswer): unknown {
  if (answer.kind === 'failed' || answer.body === null) return null;
  try {
    return JSON.parse(answer.body);
  } catch {
    return null;
  }
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
}
