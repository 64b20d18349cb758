import { isCount, isStatus, requestLine, wordsOf } from '../line.ts';

/** A line of the common log format, which most web servers write in one variant or another. */
export interface CommonLine {
  /** The virtual host that some put first. */
  readonly host: string | null;
  readonly src: string;
  readonly ident: string;
  readonly user: string;
  readonly time: string;
  readonly method: string | null;
  readonly path: string | null;
  readonly status: string;
  readonly bytes_out: string;
  /** What follows the bytes: referrer and agent of the combined format, and what a server adds. */
  readonly rest: readonly string[];
}

/**
 * `address ident user [time] "request" status bytes`, with or without the virtual host in front and with anything behind it; some
 * leave out the user.
 * `null` for other lines. Several formats ask of one line, so the last answer is kept.
 */
export function commonLine(line: string): CommonLine | null {
  if (line !== lastLine) {
    lastFound = read(line);
    lastLine = line;
  }
  return lastFound;
}
let lastLine = '';
let lastFound: CommonLine | null = null;

function read(line: string): CommonLine | null {
  const bracket = line.indexOf(' [');
  // `22/Nov/2026:04:07:38 +0000` behind the bracket, and the request behind that.
  if (bracket < 5 || line.charCodeAt(bracket + 4) !== 47 || line.charCodeAt(bracket + 8) !== 47 || line.charCodeAt(bracket + 13) !== 58) return null;
  const close = line.indexOf('] "', bracket);
  if (close < 0 || close - bracket > 40) return null;
  const front = line.slice(0, bracket).split(' ', 6);
  // A line that was cut ends within its last quotes: what it has by then stands.
  const words = wordsOf(line, close + 2) ?? wordsOf(`${line}"`, close + 2);
  if (words === null || words.length < 3 || !isStatus(words[1]) || !isCount(words[2])) return null;
  if (front.length === 2) front.push('-');
  const shift = front.length - 3;
  if (shift !== 0 && shift !== 1) return null;
  const { method, path } = requestLine(words[0]!);
  return {
    host: shift === 1 ? front[0]! : null, src: front[shift]!, ident: front[shift + 1]!, user: front[shift + 2]!,
    time: line.slice(bracket + 2, close), method, path, status: words[1]!, bytes_out: words[2]!, rest: words.slice(3),
  };
}
