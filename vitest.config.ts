import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/support/summary-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/data/**', '**/node_modules/**'],
    // Real processes: node:sqlite and worker threads do not live well inside worker threads.
    pool: 'forks',
    maxWorkers: 2,
    // Kafka and Elasticsearch: started only when a test asks for them.
    globalSetup: ['test/support/servers/global-setup.ts'],
    testTimeout: 30_000,
    reporters: ['default', new SummaryReporter()],
  },
});
