import type { Command } from 'commander';
import { loadAgentSettings } from '../config/gateway-agent.ts';
import type { AgentNews } from '../respond/gateway-agent/agent.ts';
import type { Log } from '../service/log.ts';
import { takeSignals } from './signals.ts';

const standard = 'gateway-agent.yaml';

export function register(program: Command): void {
  program.command('gateway-agent')
    .description('beside a gateway: fetches the signed deny list and brings it into force at HAProxy, Envoy or nginx')
    .option('-c, --config <file>', 'its own configuration file, not that of the service', standard)
    .option('--check', 'only check the configuration and the files it names')
    .action(async (options: { config: string; check?: true }) => {
      const settings = loadAgentSettings(options.config);
      const [{ openAgent }, { createLog }, { systemTiming }] =
        await Promise.all([import('../respond/gateway-agent/open.ts'), import('../service/log.ts'), import('../service/clock.ts')]);
      const log = createLog({ write: (line) => process.stderr.write(line) });
      const agent = openAgent(settings, systemTiming, (news) => tell(log, news));
      if (options.check) return;
      const ended = new Promise<void>((resolve) => takeSignals(() => resolve()));
      await agent.start();
      await ended;
      await agent.stop();
      log.flush();
    });
}

function tell(log: Log, news: AgentNews): void {
  switch (news.kind) {
    case 'in_force':
      log.info('list_in_force', 'The list is in force at a gateway.', { sink: news.gateway, change: news.number, count: news.entries });
      if (news.cut > 0) log.info('requests_ended', 'Requests of denied tokens that were being answered were ended.', { sink: news.gateway, count: news.cut });
      break;
    case 'not_in_force':
      log.error('list_not_in_force', 'The list is not in force at a gateway; this is tried again.', { sink: news.gateway, reason: news.reason });
      break;
    case 'no_list':
      log.warn('no_list', 'The list could not be fetched; what is in force stays.', { reason: news.reason });
  }
}
