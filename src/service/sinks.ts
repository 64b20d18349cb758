import { readFileSync } from 'node:fs';
import type { Assembly } from '../assemble.ts';
import type { Configuration, KafkaSection, SinkSection } from '../config/configuration.ts';
import { intentsOf } from '../respond/told.ts';
import { alertDocument } from '../sinks/alert-document.ts';
import { Delivery, outgoingAlert, type DeliveryEvent, type Timing } from '../sinks/deliver.ts';
import { elasticsearchEventSink, elasticsearchSink, type ElasticsearchOptions } from '../sinks/elasticsearch.ts';
import { outgoingEvent } from '../sinks/event.ts';
import { kafkaSink } from '../sinks/kafka-alerts.ts';
import { createKafkaProducer } from '../sinks/kafka.ts';
import type { Sink } from '../sinks/sink.ts';
import { stdoutSink, type WriteText } from '../sinks/stdout.ts';
import { webhookSink } from '../sinks/webhook.ts';
import { currentIncident } from '../store/current-incident.ts';
import type { EventOutbox } from '../store/port.ts';
import { connectionOf, defined } from './sources.ts';
import { watchDelivery as watch } from './spans.ts';

export type AnyDelivery = Pick<Delivery<unknown, unknown>, 'start' | 'stop' | 'health' | 'counts' | 'wake'>;

/** One delivery loop for each sink of the configuration, subscribed to the outbox. Nothing is sent before they are started. */
export function makeDeliveries(
  { sinks, kafka }: Configuration, { store, ruleOf }: Assembly, timing: Timing, write: WriteText, report: (event: DeliveryEvent) => void,
): AnyDelivery[] {
  const { effects } = store;
  const document = (alert: Parameters<typeof alertDocument>[0]) =>
    alertDocument(alert, ruleOf(alert.detector), currentIncident(effects, alert.incidentId), intentsOf(alert, effects.responses));
  const made = sinks.map((section) => makeSink(section, kafka, write));
  const deliveries = made.map((sink) => new Delivery(sink, { outbox: effects.outbox, timing, outgoing: outgoingAlert(document), report, watch }));
  effects.outbox.subscribe(made.map((sink, place) => (
    { sink: sink.name, wants: sink.wants, lane: sink.lane, wake: (deliveries[place] as AnyDelivery).wake })));
  return [...deliveries, ...makeEventDeliveries(sinks, effects.events, timing, report)];
}

/** Do sinks want every event? */
export function keepsEvents({ sinks }: Configuration): boolean {
  return sinks.some((sink) => sink.type === 'elasticsearch' && sink.events);
}

function makeEventDeliveries(sinks: readonly SinkSection[], outbox: EventOutbox, timing: Timing, report: (event: DeliveryEvent) => void): AnyDelivery[] {
  const made = sinks.flatMap((section) => (
    section.type === 'elasticsearch' && section.events ? [elasticsearchEventSink(elasticsearchOptions(section), section.namespace)] : []));
  const deliveries = made.map((sink) => new Delivery(sink, { outbox, timing, outgoing: outgoingEvent, report, watch }));
  outbox.subscribe(made.map(({ name }, place) => ({ sink: name, wake: (deliveries[place] as AnyDelivery).wake })));
  return deliveries;
}

/** `write` is what a sink of type stdout writes with. */
export function makeSink(section: SinkSection, kafka: KafkaSection | null, write: WriteText): Sink<unknown, unknown> {
  switch (section.type) {
    case 'elasticsearch': return elasticsearchSink(elasticsearchOptions(section)) as Sink<unknown, unknown>;
    case 'kafka': return kafkaSink(section.name, createKafkaProducer(connectionOf(kafka as KafkaSection)), section.topic) as Sink<unknown, unknown>;
    case 'webhook': return webhookSink({
      name: section.name, url: section.url, secretFile: section.secret_file, allowPrivate: section.allow_private,
      ...defined({ ca: textOf(section.ca_file) }),
    }) as Sink<unknown, unknown>;
    case 'stdout': return stdoutSink(section.name, write) as Sink<unknown, unknown>;
  }
}

/** How a configured cluster is reached, with what the named files hold. */
export function elasticsearchOptions(section: Extract<SinkSection, { type: 'elasticsearch' }>): ElasticsearchOptions {
  const optional = defined({
    apiKey: textOf(section.api_key_file), username: section.username, password: textOf(section.password_file),
    ca: textOf(section.ca_file), caFingerprint: section.ca_fingerprint, index: section.index,
  });
  return { name: section.name, nodes: section.nodes, ...optional };
}

function textOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
}
