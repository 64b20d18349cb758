import { expect, test } from 'vitest';
import breakGlassUse from '../../detectors/break-glass-use.ts';
import honeytoken from '../../detectors/honeytoken.ts';
import type { Context, Detector } from '../../src/model/detector.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { fates } from '../../src/model/fate.ts';

// A bait that was used, and then no more, was once told as tried again when its silence was noticed.
test.each([['honeytoken', honeytoken], ['break-glass-use', breakGlassUse]] as const)('%s wants a showing of the token, and not its silence', (_, detector) => {
  const event = Object.assign(emptyEvent('tokenward.silence', 0), { token: 't', tokenHandle: 'AKIA1', identityId: 'a', action: 'silence' });
  const wants = (silence: Context['silence']): boolean => (detector as unknown as Detector).wants!(event, { fate: fates.honeytoken | fates.breakGlass, silence } as Context);
  expect([wants(null), wants({ of: 'token', silentMs: 1, usualPauseMs: 1, historyMs: 1 })]).toEqual([true, false]);
});
