import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { inject } from 'vitest';
import type { SharedServers } from './global-setup.ts';

/** The Kafka that all tests share, started by the first that asks: allow a minute in `beforeAll`. Use topics and groups of your own. */
export async function sharedKafka(): Promise<SharedServers['kafka']> {
  return ask('kafka');
}

/** The Elasticsearch that all tests share, started by the first that asks: allow three minutes. Use indices of your own. */
export async function sharedElasticsearch(): Promise<SharedServers['elasticsearch']> {
  return ask('elasticsearch');
}

/** A name that no other test uses. */
export function uniqueName(what: string): string {
  return `${what}-${randomBytes(6).toString('hex')}`;
}

/** Without a time limit of its own: what is fetched and started there may take minutes. */
function ask<Name extends keyof SharedServers>(name: Name): Promise<SharedServers[Name]> {
  return new Promise((resolve, reject) => {
    get(`${inject('sharedServers')}/${name}`, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => { text += part; });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as SharedServers[Name]);
        else reject(new Error(text));
      });
    }).on('error', reject);
  });
}
