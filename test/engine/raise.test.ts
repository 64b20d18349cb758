import { expect, test } from 'vitest';
import { raised } from '../../src/engine/raise.ts';
import type { Finding } from '../../src/model/finding.ts';

test('is one severity more, and nothing else is another', () => {
  const finding: Finding = { severity: 21, surpriseBits: 9, confidence: 1, reason: 'It was.', baseline: {}, observed: {}, deviates: 'token' };
  expect(([21, 47, 73, 99] as const).map((severity) => raised({ ...finding, severity }))).toEqual([47, 73, 99, 99].map((severity) => ({ ...finding, severity })));
});
