import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line, such as `412 passed, 0 failed, 3 skipped`, for programs that read it.
 * A file that cannot be loaded and an error outside any test count as failed.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    const failed = counts.failed + counts.pending;
    // Last of all: the default reporter prints its own summary in the same moment.
    process.once('exit', () => process.stdout.write(summaryLine(counts.passed, failed, counts.skipped)));
  }
}

export function summaryLine(passed: number, failed: number, skipped: number): string {
  return `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`;
}
