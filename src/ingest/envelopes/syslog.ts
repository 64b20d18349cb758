import { parseTime } from '../time.ts';

/**
 * Where the text behind a header begins, and the time in it, `null` where it has none that can be told. `isLocal`: it names no zone, and is
 * reckoned as if it were UTC until the source's zone is known.
 */
export interface Header { readonly start: number; readonly timeMs: number | null; readonly isLocal: boolean }

/** The longest header that is looked through; structured data may follow it. */
const maxHeader = 1024;
const maxStructuredData = 8192;

/** `<PRI>` of one to three digits. */
const priority = /^<\d{1,3}>/;
/** RFC 5424: version, then five words; a word of one hyphen stands for none. */
const modern = /^1 (\S{1,64}) \S{1,255} \S{1,48} \S{1,128} \S{1,32} /;
/** RFC 3164 and what is written into files: the time, the host, and the program with its number. */
const traditional = /^([A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,24}) /;
const hostAndTag = /^\S{1,255} [\w./@-]{1,64}(?:\[[^\]\s]{1,64}\])?:(?: |(?=[{@]))/;
/** The host alone: messages of these kinds name their program themselves. */
const hostAlone = /^\S{1,255} (?=CEF:|LEEF:|\{)/;

/**
 * The header that syslog put before a message: RFC 5424 with its structured data, RFC 3164 with or without the priority, or the
 * ISO time that rsyslog writes into files. `null` for any other line.
 */
export function syslogLine(bytes: Buffer, start: number, end: number, referenceMs: number | null): Header | null {
  const text = bytes.latin1Slice(start, Math.min(end, start + maxHeader));
  const at = priority.exec(text)?.[0].length ?? 0;
  const rest = text.slice(at);
  const found = at > 0 ? modern.exec(rest) : null;
  if (found !== null) {
    const message = behindStructuredData(bytes, start + at + found[0].length, end);
    return message < 0 ? null : { start: message, ...timeOf(found[1]!, null) };
  }
  const time = traditional.exec(rest);
  // Behind a priority some senders leave out time, host or both.
  if (time === null) return at > 0 ? { start: start + at + (tagOf(rest) ?? 0), timeMs: null, isLocal: false } : null;
  const afterTime = rest.slice(time[0].length);
  const tag = hostAndTag.exec(afterTime) ?? hostAlone.exec(afterTime);
  if (tag === null && at === 0) return null;
  return { start: cookieEnd(bytes, start + at + time[0].length + (tag?.[0].length ?? 0), end), ...timeOf(time[1]!, referenceMs) };
}

const zoned = /(?:Z|[+-]\d\d:?\d\d)$/;
function timeOf(text: string, referenceMs: number | null): Pick<Header, 'timeMs' | 'isLocal'> {
  return { timeMs: parseTime(text, 'UTC', referenceMs), isLocal: !zoned.test(text) };
}

function tagOf(rest: string): number | null {
  return /^[\w./@-]{1,64}(?:\[[^\]\s]{1,64}\])?: /.exec(rest)?.[0].length ?? null;
}

/** `@cee:` says that JSON follows. */
function cookieEnd(bytes: Buffer, start: number, end: number): number {
  return end - start > 6 && bytes.latin1Slice(start, start + 5) === '@cee:' ? start + 5 : start;
}

/** Where the message begins behind `-` or `[id name="value"]...`; -1 when the data do not end. A byte order mark is skipped. */
function behindStructuredData(bytes: Buffer, start: number, end: number): number {
  let at = start;
  if (bytes[at] === 45 /* - */) at += 1;
  else {
    const limit = Math.min(end, start + maxStructuredData);
    let isQuoted = false;
    for (; at < limit; at++) {
      const byte = bytes[at]!;
      if (isQuoted && byte === 92 /* backslash */) at += 1;
      else if (byte === 34 /* quote */) isQuoted = !isQuoted;
      else if (byte === 32 && !isQuoted && bytes[at - 1] === 93 /* ] */) break;
    }
    if (at >= limit || bytes[start] !== 91 /* [ */) return -1;
  }
  if (bytes[at] === 32) at += 1;
  const marked = bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
  return cookieEnd(bytes, marked ? at + 3 : at, end);
}
