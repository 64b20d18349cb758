#!/usr/bin/env node
// Wires the commands. Nothing is imported before the version is known to be new enough.
const oldest = 24;

if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(`tokenward needs Node ${oldest} or newer; this is ${process.versions.node}.\n`
    + '  hint: in a checkout, "npm run -s tokenward --" brings its own\n');
  process.exitCode = 2;
} else {
  const { run } = await import('./cli/run.ts');
  const commands = await Promise.all([
    import('./cli/demo.ts'),
    import('./cli/replay.ts'),
    import('./cli/backtest.ts'),
    import('./cli/service.ts'),
    import('./cli/elastic.ts'),
    import('./cli/doctor.ts'),
    import('./cli/sinks.ts'),
    import('./cli/feeds.ts'),
    import('./cli/validate.ts'),
    import('./cli/detectors.ts'),
    import('./cli/formats.ts'),
    import('./cli/inventory.ts'),
    import('./cli/explain.ts'),
    import('./cli/respond.ts'),
    import('./cli/audit.ts'),
    import('./cli/bench.ts'),
    import('./cli/test.ts'),
  ]);
  process.exitCode = await run(process.argv, commands);
}
