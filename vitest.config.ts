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
    testTimeout: 60_000,
    // Servers, processes and kills on a machine that is never quiet. A second try is shown beside the test's name.
    retry: 1,
    reporters: ['default', new SummaryReporter()],
  },
});
