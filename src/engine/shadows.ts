import type { TokenEvent } from '../model/event.ts';
import type { Detection } from './detection.ts';
import type { Episode, Episodes } from './episodes.ts';
import { keyScopes } from './keys.ts';

/** The undecided episode; one left untouched long enough is accepted first, or dropped, and then there is none. */
export function currentEpisode(
  detection: Detection, episodes: Episodes, index: number, identity: string, event: TokenEvent, left: 'accept' | 'drop',
): Episode | undefined {
  const detector = detection.id(index);
  const episode = episodes.of(detector, identity);
  if (episode === undefined || event.orderMs < episodes.acceptsAt(episode)) return episode;
  settleShadows(detection, episodes, { index, detector, identity, episode }, left);
  episodes.close(detector, identity);
  return undefined;
}

/** What deviates in an episode becomes normal, or is forgotten. */
export function settleShadows(
  detection: Detection, episodes: Episodes,
  { index, detector, identity, episode }: { readonly index: number; readonly detector: string; readonly identity: string; readonly episode: Episode },
  how: 'accept' | 'drop',
): void {
  const shadowKey = episodes.shadowKey(detector, identity);
  for (const scope of keyScopes) {
    for (const key of episodes.keysOf(episode, scope, identity)) {
      if (how === 'accept') detection.acceptShadow(index, shadowKey, scope, key);
      else detection.dropShadow(shadowKey, scope, key);
    }
  }
}
