import type { Alert } from '../model/alert.ts';

/** Where people look further: addresses as the operator wrote them. */
export interface LinkSettings {
  /** Where the live page is. */
  readonly publicUrl: string | null;
  /** With {detector}. */
  readonly runbookUrl: string | null;
  /** A search in the SIEM, with {alert}, {identity}, {token}, {address}, {start}, {end}. */
  readonly siemUrl: string | null;
}

/** Addresses of one alert; `null` where nothing is configured. */
export interface AlertLinks { readonly page: string | null; readonly runbook: string | null; readonly siem: string | null }

export const noLinks: AlertLinks = { page: null, runbook: null, siem: null };

/** What comes from logs is encoded, so that it stays a value wherever it is put. */
export function linksOf({ id, detector, first, startMs, endMs }: Alert, { publicUrl, runbookUrl, siemUrl }: LinkSettings): AlertLinks {
  const values: Readonly<Record<string, string>> = {
    alert: id, detector, identity: first.identityId ?? '', token: first.tokenHandle ?? first.token ?? '', address: first.sourceIp ?? '',
    start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString(),
  };
  const fill = (template: string | null): string | null => template?.replace(/\{(\w{1,16})\}/g, (whole, name: string) => (
    Object.hasOwn(values, name) ? encodeURIComponent(values[name] as string) : whole)) ?? null;
  return { page: publicUrl === null ? null : new URL(`#/alerts/${id}`, publicUrl).href, runbook: fill(runbookUrl), siem: fill(siemUrl) };
}
