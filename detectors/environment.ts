import { environmentIn, withoutTop, type Environment } from '../src/model/environment.ts';
import type { TokenEvent } from '../src/model/event.ts';

export { environmentIn, production, type Environment } from '../src/model/environment.ts';

/** The environment that the caller's names tell. */
export function environmentOfCaller({ identityName, identityId, workloadId }: TokenEvent): Environment {
  return (workloadId === null ? 0 : environmentIn(workloadId)) || (identityName === null ? 0 : environmentIn(identityName))
    || (identityId === null ? 0 : environmentIn(identityId));
}

/** The environment that the names of what was called tell; words in a path are the application's own. */
export function environmentOfTarget({ urlDomain, service, resourceId, resourceKind }: TokenEvent): Environment {
  const host = urlDomain === null ? 0 : environmentIn(withoutTop(urlDomain));
  if (host !== 0) return host;
  const object = resourceId === null || resourceKind === 'route' ? 0 : environmentIn(resourceId);
  return object || (service === null ? 0 : environmentIn(service));
}
