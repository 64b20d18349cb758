/** Products that browsers name beside their own, the more telling ones first. */
const browsers: readonly (readonly [string, string])[] = [
  ['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari'],
];
const maxLength = 64;
/** Agents whose family is remembered. */
const remembered = 1024;
const families = new Map<string, string>();

/**
 * What calls, without versions and platforms: `Boto3/1.34.11 md/Botocore#1.34.11` is `Boto3`, a browser goes by its name. An upgrade does
 * not make another client of it. `null` and what names nothing are `unknown client`.
 */
export function clientFamily(userAgent: string | null): string {
  if (userAgent === null) return 'unknown client';
  let family = families.get(userAgent);
  if (family !== undefined) return family;
  family = familyOf(userAgent.slice(0, 512));
  // A pure memo: emptying it changes no answer.
  if (families.size >= remembered) families.clear();
  families.set(userAgent, family);
  return family;
}

function familyOf(userAgent: string): string {
  if (userAgent.startsWith('Mozilla/')) return browsers.find(([product]) => userAgent.includes(product))?.[1] ?? 'Mozilla';
  // CloudTrail writes some agents in brackets.
  const start = userAgent.startsWith('[') ? 1 : 0;
  let end = start;
  while (end < userAgent.length && end < maxLength && !isEnd(userAgent.charCodeAt(end))) end++;
  return end === start ? 'unknown client' : userAgent.slice(start, end);
}

/** A slash, a blank, anything that opens a comment, or what is no character of a name. */
function isEnd(code: number): boolean {
  return code <= 0x20 || code === 0x2f || code === 0x28 || code === 0x3b || code === 0x2c || code === 0x7f;
}
