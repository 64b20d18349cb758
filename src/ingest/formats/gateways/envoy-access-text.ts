import { isCount, wordsOf, type LineValues } from '../line.ts';

/** Words behind the time: those of Envoy's default line, and at least of the longer one that Istio configures. */
const defaultWords = 12, istioWords = 19;

/**
 * Envoy's default access line, and Istio's: `[time] "GET /path HTTP/1.1" 200 - ...`. Envoy does not escape quotes in header values, so a
 * line with more of them than the form has cannot be told apart and is refused.
 */
export function envoyLine(line: string): LineValues | null {
  if (line.charCodeAt(0) !== 91) return null;
  const close = line.indexOf('] "');
  const words = close < 0 || close > 40 ? null : wordsOf(line, close + 2, true);
  if (words === null || words.length < defaultWords) return null;
  const request = words[0]!;
  const first = request.indexOf(' '), last = request.lastIndexOf(' ');
  if (first <= 0 || last <= first) return null;
  const isDefault = words.length === defaultWords && isCount(words[3]);
  if (!isDefault && words.length < istioWords) return null;
  // Istio's line has three reasons behind the flags, which moves all that follows.
  const shift = isDefault ? 0 : 3;
  return {
    start_time: line.slice(1, close), method: request.slice(0, first), path: request.slice(first + 1, last), response_code: words[1]!,
    bytes_sent: words[4 + shift]!, duration: words[5 + shift]!, downstream_remote_address: isDefault ? null : words[18]!,
    x_forwarded_for: words[7 + shift]!, user_agent: words[8 + shift]!, x_request_id: words[9 + shift]!, authority: words[10 + shift]!,
    upstream_cluster: isDefault ? null : words[15]!, response_code_details: isDefault ? null : words[3]!, response_flags: words[2]!,
  };
}
