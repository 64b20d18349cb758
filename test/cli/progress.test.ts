import { expect, test } from 'vitest';
import { bytesText, createProgress, progressLine } from '../../src/cli/progress.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 40, write: (text: string) => written.push(text) };
}

test('nothing is written where nobody watches', () => {
  const pipe = terminal(false);
  const progress = createProgress(pipe, () => 0);
  progress.update(1, 2, 'note');
  progress.done();
  expect(pipe.written).toEqual([]);
});

test('one line is redrawn, not too often, never wider than the terminal, and removed at the end', () => {
  const screen = terminal(true);
  let now = 0;
  const progress = createProgress(screen, () => now);
  for (now = 0; now <= 1000; now += 10) progress.update(now, 1000, 'a very long note that does not fit here');
  progress.done();
  expect(screen.written).toHaveLength(7);
  expect(screen.written.at(-1)).toBe('\r\x1b[2K');
  for (const line of screen.written) expect(line.replace('\r\x1b[2K', '').length).toBeLessThan(40);
});

test('a line says how much, how fast and how long', () => {
  expect(progressLine(12e6, 48e6, 2000, '3 alerts')).toBe('12.0 MB of 48.0 MB  25 %  6.0 MB/s  6 s left  3 alerts');
  expect(progressLine(12e6, null, 2000, '')).toBe('12.0 MB  6.0 MB/s');
  expect(progressLine(0, 100, 0, '')).toBe('0 B of 100 B  0 %');
  expect(progressLine(1, 7201, 1000, '')).toContain('2 h 0 min left');
});

test.each([[0, '0 B'], [999, '999 B'], [999.95, '1.0 kB'], [1500, '1.5 kB'], [84.7e9, '84.7 GB'], [5e18, '5000.0 PB']])('%d bytes', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
