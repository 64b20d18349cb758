/** What CEF and LEEF have in common: a header between bars, then an extension of keys and values. */
import type { Value } from '../format.ts';

export const maxLine = 65_536;

/** The first `count` fields between bars, and where the text behind the last of them begins. A backslash takes the next character as it is. */
export function barFields(line: string, from: number, count: number): { readonly fields: readonly string[]; readonly rest: number } | null {
  const fields: string[] = [];
  let start = from;
  for (let at = from; at < line.length && fields.length < count; at++) {
    const code = line.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 124) {
      fields.push(unescaped(line.slice(start, at)));
      start = at + 1;
    }
  }
  return fields.length === count ? { fields, rest: start } : null;
}

/** Keys with custom values come in pairs: `cs1=...` and the name of what it is, `cs1Label=...`. */
const slots = ['cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6', 'flexString1', 'flexString2'].map((slot) => [slot, `${slot}Label`] as const);
/** Labels under which operators put what the standard has no key for, in small letters without blanks and marks. */
const labelled: ReadonlyMap<string, string> = new Map([
  ['jti', 'token_id'], ['tokenid', 'token_id'], ['accesskeyid', 'token_id'], ['credentialid', 'token_id'], ['iss', 'issuer'], ['issuer', 'issuer'],
  ['tokenissuer', 'issuer'], ['clientid', 'client_id'], ['tokensha256', 'token_sha256'],
]);

/** Puts labelled custom values where they belong: `token_id`, `issuer`, `client_id`, `token_sha256`. */
export function applyLabels(found: Record<string, Value>): void {
  for (const [slot, name] of slots) {
    const label = found[name];
    const meaning = typeof label === 'string' ? labelled.get(label.toLowerCase().replaceAll(/[\s_-]/g, '')) : undefined;
    if (meaning !== undefined && found[slot] !== undefined) found[meaning] ??= found[slot]!;
  }
}

/** `\=`, `\|` and `\\` stand for themselves, `\n` and `\r` for line ends. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' || character === 'r' ? '\n' : character));
}
