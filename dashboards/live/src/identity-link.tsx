import { hrefOf } from './route.ts';
import { plain } from './words.ts';

/** A name as logs have it, leading to the page of whom it names. Names may be anybody's: the id is what counts. */
export function IdentityLink({ id, name }: { id: string | null; name: string | null }) {
  if (id === null) return <>{plain(name ?? 'unknown')}</>;
  return <a href={hrefOf('identities', id)} title={plain(id)}>{plain(name ?? id)}</a>;
}

/** A text that whoever is logged could choose: shown as such where somebody decides by it. */
export function FromLog({ text }: { text: string }) {
  return <q class="from-log" title="a name out of the logs, which others may choose">{plain(text)}</q>;
}
