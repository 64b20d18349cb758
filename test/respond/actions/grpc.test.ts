import { expect, test } from 'vitest';
import type { GrpcAnswer } from '../../../src/outbound/grpc-port.ts';
import { grpcRight, grpcVerdict, grpcWord } from '../../../src/respond/actions/grpc.ts';

const answered = (code: number, retryAfterMs?: number): GrpcAnswer => ({
  kind: 'answered', code, message: null, read: () => ({}), ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

test('what a code means: 0 did it, what may pass is tried again, all else failed', () => {
  expect(grpcVerdict(answered(0))).toEqual({ kind: 'done' });
  for (const code of [1, 2, 4, 8, 10, 13, 14]) expect(grpcVerdict(answered(code)).kind, `${code}`).toBe('retry');
  for (const code of [3, 5, 6, 7, 9, 11, 12, 15, 16]) expect(grpcVerdict(answered(code)).kind, `${code}`).toBe('failed');
  expect(grpcVerdict(answered(14, 500))).toEqual({ kind: 'retry', reason: 'grpc_unavailable', afterMs: 500 });
  expect(grpcVerdict({ kind: 'failed', reason: 'timeout' })).toEqual({ kind: 'retry', reason: 'timeout' });
  expect(grpcVerdict({ kind: 'failed', reason: 'answer_too_long' })).toEqual({ kind: 'failed', reason: 'answer_too_long' });
  expect(grpcVerdict(answered(5), { not_found: { kind: 'already' } })).toEqual({ kind: 'already' });
});

test('a code that is none is as good as unknown', () => {
  expect([99, -1, 1.5, '0', 'length', null, undefined].map(grpcWord)).toEqual(Array(7).fill('unknown'));
});

test('what a code says of our own rights', () => {
  expect([0, 5, 7, 16, 14, 12].map((code) => grpcRight(answered(code)))).toEqual(['granted', 'granted', 'missing', 'refused', 'unreachable', 'unreachable']);
  expect(['certificate', 'timeout'].map((reason) => grpcRight({ kind: 'failed', reason }))).toEqual(['refused', 'unreachable']);
});
