/** A line of its own time, as logs have them. */
export function line(n: number, file = 'a'): string {
  return `2026-11-22T02:14:00.${String(n).padStart(6, '0')}Z file=${file} request=${n}`;
}
