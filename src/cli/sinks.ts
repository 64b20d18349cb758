import type { Command } from 'commander';
import { alertDocument } from '../sinks/alert-document.ts';
import { testAlert, testRule } from '../sinks/test-alert.ts';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

const timeoutMs = 30_000;

export function register(program: Command): void {
  program.command('sinks')
    .description('send one marked test alert to a sink')
    .argument('<what>', 'test')
    .argument('<name>', 'name of the sink')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .action(async (what: string, name: string, options: { config?: string }) => {
      if (what !== 'test') throw new UsageError(`sinks knows test, not ${what}`);
      const configuration = loadSettings(options.config);
      const section = configuration.sinks.find((sink) => sink.name === name);
      if (section === undefined) {
        throw new UsageError(`no sink is named ${name}`, `there are: ${configuration.sinks.map((sink) => sink.name).join(', ') || 'none'}`);
      }
      const { makeSink } = await import('../service/make-sink.ts');
      const sink = makeSink(section, configuration.kafka, (text) => new Promise((resolve) => { process.stdout.write(text, () => resolve()); }));
      const alert = testAlert(Date.now());
      const document = { ...alertDocument(alert, testRule, null, []), tags: ['tokenward-test'] };
      const { id, version, createdMs } = alert;
      const { prepared } = sink.build([{ id, version, messageId: `${id}.${version}`, identityId: null, createdMs, document }]);
      const [first] = prepared;
      if (first === undefined) throw new Error(`${name} does not take the test alert`);
      const outcome = sink.classify(first.documents, await sink.send(first.request, AbortSignal.timeout(timeoutMs)));
      await sink.close();
      const verdict = outcome.kind === 'each' ? outcome.verdicts[0]! : outcome;
      if (verdict.kind !== 'done') throw new Error(`${name} did not take the test alert: ${verdict.reason}`);
      process.stderr.write(`${name} took the test alert ${alert.id}\n`);
    });
}
