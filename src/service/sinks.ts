import type { Assembly } from '../assemble.ts';
import type { Configuration, SinkSection } from '../config/configuration.ts';
import { severities } from '../config/policy-schema.ts';
import type { Alert } from '../model/alert.ts';
import { intentsOf } from '../respond/told.ts';
import { alertDocument } from '../sinks/alert-document.ts';
import { Delivery, type DeliveryEvent, type Timing } from '../sinks/deliver.ts';
import { elasticsearchEventSink } from '../sinks/elasticsearch.ts';
import { outgoingEvent } from '../sinks/event.ts';
import { isWanted } from '../sinks/filter.ts';
import { linksOf } from '../sinks/links.ts';
import { outgoingAlert } from '../sinks/outgoing.ts';
import type { WriteText } from '../sinks/stdout.ts';
import { currentIncident } from '../store/current-incident.ts';
import type { EventOutbox, Waiting } from '../store/port.ts';
import { elasticsearchOptions, makeSink } from './make-sink.ts';
import { defined } from './sources.ts';
import { watchDelivery as watch } from './spans.ts';

export type AnyDelivery = Pick<Delivery<unknown, unknown>, 'start' | 'stop' | 'health' | 'counts' | 'wake'>;

/** One delivery loop for each sink of the configuration, subscribed to the outbox. Nothing is sent before they are started. */
export function makeDeliveries(
  { sinks, kafka, server }: Configuration, assembly: Assembly, timing: Timing, write: WriteText, report: (event: DeliveryEvent) => void,
): AnyDelivery[] {
  const { store: { effects }, ruleOf } = assembly;
  const document = (alert: Parameters<typeof alertDocument>[0]) =>
    alertDocument(alert, ruleOf(alert.detector), currentIncident(effects, alert.incidentId), intentsOf(alert, effects.responses), linksOf(alert, server));
  const made = sinks.map((section) => makeSink(section, kafka, write));
  const deliveries = made.map((sink, place) => new Delivery(sink, {
    outbox: effects.outbox, timing, outgoing: outgoingAlert(document), report, watch, ...defined({ isWanted: wantedBy(sinks[place]!, assembly) }),
  }));
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

/** Which alerts a sink is to get, `undefined` for all. */
function wantedBy({ filter }: SinkSection, { correlator }: Assembly): ((row: Waiting) => boolean) | undefined {
  if (filter === undefined) return undefined;
  const conditions = { detectors: filter.detectors, labels: filter.labels, severity: filter.severity === undefined ? undefined : severities[filter.severity] };
  return ({ alert }) => isWanted(alert, conditions, labelsOf(correlator));
}

/** The words that the operator's inventory has for the alert's token, or for whose it is. */
function labelsOf(correlator: Assembly['correlator']): (alert: Alert) => readonly string[] {
  return ({ first: { tokenHandle, identityId, identityName } }) => {
    const identity = identityId === null ? null : { id: identityId, name: identityName };
    return correlator.entryOf(tokenHandle, identity)?.labels ?? [];
  };
}
