#!/usr/bin/env node
// Wires the commands. Nothing is imported before the version is known to be new enough.
const oldest = 24;

if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(`tokenward needs Node ${oldest} or newer; this is ${process.versions.node}.\n`
    + '  hint: in a checkout, "npm run -s tokenward --" brings its own\n');
  process.exitCode = 2;
} else {
  const { keepCompiled } = await import('./cli/compile-cache.ts');
  keepCompiled();
  const { run } = await import('./cli/run.ts');
  // Only the asked command's file is read: they need a second of the processor together.
  const files = {
    demo: () => import('./cli/demo.ts'),
    init: () => import('./cli/init.ts'),
    replay: () => import('./cli/replay.ts'),
    backtest: () => import('./cli/backtest.ts'),
    run: () => import('./cli/service.ts'),
    'gateway-agent': () => import('./cli/gateway-agent.ts'),
    elastic: () => import('./cli/elastic.ts'),
    doctor: () => import('./cli/doctor.ts'),
    sinks: () => import('./cli/sinks.ts'),
    feeds: () => import('./cli/feeds.ts'),
    validate: () => import('./cli/validate.ts'),
    detectors: () => import('./cli/detectors.ts'),
    formats: () => import('./cli/formats.ts'),
    inventory: () => import('./cli/inventory.ts'),
    explain: () => import('./cli/explain.ts'),
    report: () => import('./cli/report.ts'),
    respond: () => import('./cli/respond.ts'),
    audit: () => import('./cli/audit.ts'),
    bench: () => import('./cli/bench.ts'),
    test: () => import('./cli/test.ts'),
  };
  const asked = process.argv[2] ?? '';
  const wanted = Object.hasOwn(files, asked) ? [files[asked as keyof typeof files]] : Object.values(files);
  const commands = await Promise.all(wanted.map((file) => file()));
  process.exitCode = await run(process.argv, commands);
}
