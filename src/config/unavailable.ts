/**
 * Options that belong to Tokenward but that nothing in this version reads. They are refused by name:
 * an option that is silently accepted makes people believe in a protection that is not there.
 * A path is the keys joined by dots, `[]` standing for any place in a list.
 */
export const unavailableKeys: ReadonlySet<string> = new Set([
  'sources[].sampling',
]);

export const unavailableHint = 'not available in this version: remove it, nothing would read it';
