import { expect, test } from 'vitest';
import { takeSignals } from '../../src/cli/signals.ts';

test('a signal that comes while its listener changes reaches the new one', async () => {
  const heard: string[] = [];
  const before = process.listeners('SIGTERM');
  process.once('SIGTERM', () => heard.push('old'));
  try {
    process.kill(process.pid, 'SIGTERM');
    takeSignals((signal) => heard.push(signal));
    await expect.poll(() => heard).toEqual(['SIGTERM']);
  } finally {
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
    for (const listener of before) process.on('SIGTERM', listener as NodeJS.SignalsListener);
  }
});
