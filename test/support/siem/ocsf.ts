/**
 * What OCSF 1.5.0 allows in a Detection Finding, as far as Tokenward fills it: written by hand after the schema's text, since only what is
 * used here is worth checking on every run. `!` marks what is required; a nested object is a shape, `[…]` a list of it.
 */
export type Shape = { readonly [attribute: string]: string | Shape | readonly [string | Shape] };

const named: Shape = { uid: 'text', name: 'text' };
const url: Shape = { path: 'text', hostname: 'text', url_string: 'text' };
const evidence: Shape = {
  actor: { user: { uid: 'text', name: 'text', email_addr: 'email', type_id: '0|1|2|3|99' }, session: { uid: 'text', credential_uid: 'text', issuer: 'text', expiration_time: 'time' } },
  api: { 'operation!': 'text', service: { name: 'text', uid: 'text' } },
  src_endpoint: { ip: 'ip', port: 'whole', autonomous_system: { number: 'whole', name: 'text' }, location: { country: 'country' } },
  http_request: { http_method: 'text', user_agent: 'text', url },
};

export const detectionFinding: Shape = {
  'class_uid!': '2004', 'category_uid!': '2', 'activity_id!': '1|2|3', 'type_uid!': '200401|200402|200403', 'severity_id!': '2|3|4|5', 'time!': 'time',
  'metadata!': {
    'version!': 'text', 'product!': { name: 'text', vendor_name: 'text', version: 'text' }, uid: 'text', correlation_uid: 'text', profiles: ['text'],
  },
  'finding_info!': {
    'uid!': 'text', title: 'text', types: ['text'], created_time: 'time', modified_time: 'time', first_seen_time: 'time', last_seen_time: 'time', src_url: 'text',
    data_sources: ['text'], analytic: { 'type_id!': '1|2|3', uid: 'text', name: 'text' },
    attacks: [{ version: 'text', tactic: named, technique: named, sub_technique: named }],
  },
  cloud: { 'provider!': 'text', account: { uid: 'text' }, region: 'text' },
  message: 'text', is_alert: 'yesno', status_id: '1|2|4', confidence_id: '1|2|3', confidence_score: 'whole', risk_score: 'whole', count: 'whole', start_time: 'time',
  end_time: 'time', evidences: [evidence], observables: [{ 'type_id!': '2|8|19|31', name: 'text', value: 'text' }], resources: [named], unmapped: 'any',
};

/** Every departure from the shape, by its place. Also: one of several attributes must be there, and a profile's attribute goes with the profile. */
export function ocsfFaults(finding: Record<string, unknown>): string[] {
  const faults = compare(finding, detectionFinding, '');
  const metadata = finding['metadata'] as { profiles?: string[] };
  if ((metadata.profiles?.includes('cloud') ?? false) !== 'cloud' in finding) faults.push('cloud without its profile, or the other way round');
  if (finding['type_uid'] !== 200_400 + (finding['activity_id'] as number)) faults.push('type_uid');
  for (const one of (finding['evidences'] ?? []) as object[]) if (!('actor' in one || 'api' in one || 'src_endpoint' in one)) faults.push('evidence of nothing');
  for (const one of ((finding['finding_info'] as { attacks?: object[] }).attacks ?? [])) if (Object.keys(one).every((key) => key === 'version')) faults.push('attack without a technique');
  return faults;
}

function compare(value: unknown, shape: string | Shape | readonly [string | Shape], place: string): string[] {
  if (typeof shape === 'string') return isA(value, shape) ? [] : [`${place}: ${JSON.stringify(value)} is no ${shape}`];
  if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.length === 0) return [`${place}: no list`];
    return value.flatMap((one, at) => compare(one, shape[0], `${place}[${at}]`));
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [`${place}: no object`];
  const members = shape as Shape;
  const missing = Object.keys(members).filter((name) => name.endsWith('!') && !(name.slice(0, -1) in value)).map((name) => `${place}.${name} is missing`);
  return [...missing, ...Object.entries(value).flatMap(([name, inner]) => {
    const expected = members[name] ?? members[`${name}!`];
    return expected === undefined ? [`${place}.${name} is unknown`] : compare(inner, expected, `${place}.${name}`);
  })];
}

function isA(value: unknown, kind: string): boolean {
  switch (kind) {
    case 'any': return true;
    case 'text': return typeof value === 'string' && value !== '';
    case 'yesno': return typeof value === 'boolean';
    case 'whole': return Number.isSafeInteger(value);
    case 'time': return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'country': return typeof value === 'string' && /^[A-Z]{2}$/.test(value);
    case 'email': return typeof value === 'string' && /^[^@\s]+@[^@\s]+$/.test(value);
    case 'ip': return typeof value === 'string' && /^[0-9a-fA-F:.]{3,45}$/.test(value);
    default: return kind.split('|').includes(String(value));
  }
}
