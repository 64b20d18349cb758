import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startElasticsearch } from './elasticsearch.ts';
import { startKafka, type KafkaAddress } from './kafka.ts';

/** Addresses of the servers that all tests of a run share. */
export interface SharedServers {
  kafka: KafkaAddress;
  elasticsearch: { readonly url: string };
}

declare module 'vitest' {
  interface ProvidedContext { sharedServers: string }
}

interface Running { stop(): Promise<void> }

const starts: Readonly<Record<keyof SharedServers, () => Promise<Running & SharedServers[keyof SharedServers]>>> = {
  kafka: () => startKafka(),
  elasticsearch: () => startElasticsearch(),
};

/**
 * Starts one server of a kind when the first test asks for it, over a port of the loopback (tests run in processes of
 * their own), and stops all of them when the run has ended. See `shared.ts` for how a test asks.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = new Map<string, Promise<Running>>();
  const door = createServer((request, response) => {
    const name = request.url!.slice(1) as keyof SharedServers;
    if (!servers.has(name)) servers.set(name, starts[name]());
    servers.get(name)!.then(
      (server) => response.end(JSON.stringify(server)),
      (error: unknown) => response.writeHead(500).end((error as Error).message),
    );
  });
  door.requestTimeout = 0;
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  project.provide('sharedServers', `http://127.0.0.1:${(door.address() as AddressInfo).port}`);
  return async () => {
    door.closeAllConnections();
    door.close();
    for (const starting of servers.values()) await starting.then((server) => server.stop(), () => undefined);
  };
}
