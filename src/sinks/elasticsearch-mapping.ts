import { ecsFields, setPath, type EcsKind } from '../model/ecs.ts';
import type { Document } from './sink.ts';

/** Longer texts stay in the document and are shown, but are not searched as a whole. In characters; Lucene's limit is 32,766 bytes. */
const keyword = { type: 'keyword', ignore_above: 4096 };
const [date, long, float, flag, ip] = [{ type: 'date' }, { type: 'long' }, { type: 'float' }, { type: 'boolean' }, { type: 'ip' }];

const typeOfKind: Readonly<Record<EcsKind, Document>> = { text: keyword, texts: keyword, number: long, amount: { type: 'double' }, boolean: flag, time: date };
/** Where ECS wants another type than the event's own kind tells. */
const typeOfPath: Readonly<Record<string, Document>> = { 'source.ip': ip };

/** What every document of ours has, and the fields of an event. */
const common: Readonly<Record<string, Document>> = { 'ecs.version': keyword, 'event.kind': keyword };

/** What only alerts have. */
const alertOnly: Readonly<Record<string, Document>> = {
  'message': { type: 'text' },
  'event.start': date, 'event.created': date, 'event.severity': long, 'event.risk_score': float,
  'event.url': keyword, 'rule.id': keyword, 'rule.name': keyword, 'rule.reference': keyword,
  'tokenward.alert.owner': keyword, 'tokenward.alert.closed_as': keyword,
  'threat.framework': keyword, 'threat.tactic.id': keyword, 'threat.tactic.name': keyword,
  'threat.technique.id': keyword, 'threat.technique.name': keyword,
  'threat.technique.subtechnique.id': keyword, 'threat.technique.subtechnique.name': keyword,
  'related.ip': ip, 'related.user': keyword, 'related.hash': keyword,
  'tokenward.alert.status': keyword, 'tokenward.alert.count': long, 'tokenward.alert.version': long, 'tokenward.alert.late': flag,
  'tokenward.alert.incident.kind': keyword, 'tokenward.alert.incident.name': keyword, 'tokenward.alert.incident.severity': long,
  'tokenward.alert.incident.risk_score': float, 'tokenward.alert.incident.alerts': long, 'tokenward.alert.incident.identities': long,
  'tokenward.alert.incident.stages.stage': keyword, 'tokenward.alert.incident.stages.at': date,
  'tokenward.alert.incident.stages.detector': keyword, 'tokenward.alert.incident.stages.alert': keyword,
  'tokenward.alert.incident_id': keyword, 'tokenward.alert.merged_into': keyword, 'tokenward.alert.evidence': keyword,
  'tokenward.alert.owasp_nhi': keyword, 'tokenward.alert.attack_version': keyword,
  'tokenward.alert.confidence': float, 'tokenward.alert.surprise_bits': float, 'tokenward.alert.bytes_out': long,
  'tokenward.alert.announced.at': date, 'tokenward.alert.announced.severity': long, 'tokenward.alert.announced.reason': keyword,
  'tokenward.alert.announced.bytes_out': long, 'tokenward.alert.claims.at': date, 'tokenward.alert.claims.by': keyword, 'tokenward.alert.claims.text': keyword,
  'tokenward.alert.tokens': keyword, 'tokenward.alert.networks': keyword, 'tokenward.alert.resources': keyword,
  'tokenward.response.id': keyword, 'tokenward.response.action': keyword,
  'tokenward.response.mode': keyword, 'tokenward.response.state': keyword,
};

/** Named by detectors: numbers, and a few names. */
const measured = ['baseline', 'observed'];

/**
 * Mappings of an alert. Fields that it does not name are kept in the document and not indexed (`dynamic: false`), so
 * that no new field can make a document unwelcome; only the measures of detectors are mapped as they come.
 */
export function alertMappings(): Document {
  const properties = propertiesOf(alertOnly);
  for (const name of measured) setPath(properties, propertyPath(`tokenward.alert.${name}`), { type: 'object', dynamic: true });
  const measures = measured.map((name) => `tokenward.alert.${name}.*`);
  return {
    dynamic: false, date_detection: false, properties,
    dynamic_templates: [
      { measured_whole: { path_match: measures, match_mapping_type: 'long', mapping: { type: 'double' } } },
      { measured_number: { path_match: measures, match_mapping_type: 'double', mapping: { type: 'double' } } },
      { measured_name: { path_match: measures, match_mapping_type: 'string', mapping: keyword } },
    ],
  };
}

export function eventMappings(): Document {
  return { dynamic: false, date_detection: false, properties: propertiesOf({}) };
}

function propertiesOf(more: Readonly<Record<string, Document>>): Document {
  const properties: Document = {};
  for (const { path, kind } of ecsFields) setPath(properties, propertyPath(path.join('.')), typeOfPath[path.join('.')] ?? typeOfKind[kind]);
  for (const [path, type] of Object.entries({ ...common, ...more })) setPath(properties, propertyPath(path), type);
  return properties;
}

/** `a.b` stands at a / properties / b. */
function propertyPath(dotted: string): string[] {
  return dotted.split('.').flatMap((key, at) => (at === 0 ? [key] : ['properties', key]));
}
