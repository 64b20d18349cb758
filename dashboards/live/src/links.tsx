import type { LinksView } from '../../../src/server/api/shapes.ts';

/** Elsewhere: in a tab of its own that learns nothing of this page. */
export function Links({ links: { runbook, siem } }: { links: LinksView }) {
  const link = (href: string | null, text: string) => (href === null ? null : <a href={href} target="_blank" rel="noopener noreferrer">{text}</a>);
  return <>{link(runbook, 'runbook')}{link(siem, 'in the SIEM')}</>;
}
