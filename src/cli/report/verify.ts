import type { KeyObject } from 'node:crypto';
import type { AuditRow } from '../../store/port.ts';
import { UsageError } from '../usage-error.ts';
import { isSigned, standingOf, type Proof, type Signature, type Standing } from './proof.ts';

/** What came of it, in words, and whether everything is as it was written. */
export interface Verdict { readonly text: string; readonly isGenuine: boolean }

/** A report as it was read back; everything in it is somebody's word until it was checked. */
interface Told { readonly signature?: Signature | null; readonly audit?: { readonly entries?: readonly AuditRow[]; readonly proof?: Proof | null } }

/** Stands at the end of a page: a comment, so that browsers do not show it. */
export const pageMark = /\n<!-- tokenward-report ([\w-]{43}) ([\w-]{86}) -->\n$/;

/** Checks a report of either form with the public key alone. Throws `UsageError` for what is none. */
export function verifyReport(text: string, key: KeyObject): Verdict {
  return text.startsWith('<!doctype html>') ? verifyPage(text, key) : verifyJson(text, key);
}

/** The text of a report without its signature, as it is signed. */
export function signedText(report: object): string {
  const { signature: _, ...rest } = report as Told;
  return JSON.stringify(rest);
}

function verifyPage(text: string, key: KeyObject): Verdict {
  const [mark, keyId = '', value = ''] = pageMark.exec(text) ?? [];
  if (mark === undefined) return { text: 'the page is not signed', isGenuine: false };
  const isGenuine = isSigned(text.slice(0, text.length - mark.length), { keyId, value }, key);
  return { text: isGenuine ? 'the page is as it was signed' : 'the page was changed, or signed by another key', isGenuine };
}

function verifyJson(text: string, key: KeyObject): Verdict {
  const report = parse(text);
  const { signature = null, audit } = report;
  const isUnchanged = signature !== null && isSigned(signedText(report), signature, key);
  const entries = audit?.entries ?? [];
  const proof = audit?.proof ?? { checkpoints: [], chain: [] };
  const standings = entries.map((entry) => standingOf(entry, proof, key));
  const count = (standing: Standing): number => standings.filter((one) => one === standing).length;
  const changed = entries.find((_, place) => standings[place] === 'changed');
  return {
    text: [
      signature === null ? 'the report is not signed' : isUnchanged ? 'the report is as it was signed' : 'the report was changed, or signed by another key',
      changed === undefined
        ? `${entries.length} entries of the audit: ${count('proven')} proven by signed checkpoints, ${count('uncovered')} after the newest`
        : `entry ${changed.number} of the audit is not what a signed checkpoint says`,
    ].join('\n'),
    isGenuine: isUnchanged && changed === undefined,
  };
}

function parse(text: string): Told {
  try {
    const told = JSON.parse(text) as unknown;
    if (typeof told === 'object' && told !== null && 'incident' in told) return told as Told;
  } catch {
    // Said below.
  }
  throw new UsageError('the file holds no report of an incident');
}
