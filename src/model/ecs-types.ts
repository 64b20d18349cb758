/** Which values of `event.type` ECS expects of a category: what a rule of Kibana goes by. */
const expectedTypes: Readonly<Record<string, readonly string[]>> = {
  api: ['access', 'admin', 'allowed', 'change', 'creation', 'deletion', 'denied', 'end', 'info', 'start', 'user'],
  authentication: ['start', 'end', 'info'],
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  database: ['access', 'change', 'info', 'error'],
  email: ['info'],
  file: ['access', 'change', 'creation', 'deletion', 'info'],
  host: ['access', 'change', 'end', 'info', 'start'],
  iam: ['admin', 'change', 'creation', 'deletion', 'group', 'info', 'user'],
  intrusion_detection: ['allowed', 'denied', 'info'],
  network: ['access', 'allowed', 'connection', 'denied', 'end', 'info', 'protocol', 'start'],
  process: ['access', 'change', 'end', 'info', 'start'],
  session: ['start', 'end', 'info'],
  web: ['access', 'error', 'info'],
};

/**
 * The types of an event as ECS writes them: those that fit none of its categories are left out, such as a denied authentication, of which the
 * outcome tells; `info` where none is left. Of a category that is not listed here all stay.
 */
export function fittingTypes(categories: readonly string[] | null, types: readonly string[]): readonly string[] {
  if (categories === null || categories.length === 0) return types;
  const fits = (type: string): boolean => categories.some((category) => expectedTypes[category]?.includes(type) ?? true);
  if (types.every(fits)) return types;
  const fitting = types.filter(fits);
  return fitting.length === 0 ? ['info'] : fitting;
}
