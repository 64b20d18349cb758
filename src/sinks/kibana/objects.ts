import { savedObject, type SavedObject, type Source } from './saved-object.ts';
import { course, dashboard, documentList, figure, ranking, type Metric, type Placed } from './visualizations.ts';

export interface KibanaNames {
  /** As the sink's. */
  readonly index: string;
}

const views = { alerts: 'tokenward-alerts', events: 'tokenward-events' } as const;
const all: Source = { view: views.alerts };
const open: Source = { view: views.alerts, query: 'tokenward.alert.status : (open or acknowledged)' };
const grave: Source = { view: views.alerts, query: 'tokenward.alert.status : (open or acknowledged) and event.severity >= 73' };
const events: Source = { view: views.events };
const uses: Source = { view: views.events, query: 'tokenward.lifecycle : used' };
const unknownWorkload: Source = { view: views.events, query: 'tokenward.lifecycle : used and not tokenward.workload.id : *' };
const changes: Source = { view: views.events, query: 'tokenward.lifecycle : (issued or rotated or revoked or leaked or granted)' };

const count = (label: string): Metric => ({ of: 'count', label });
const distinct = (field: string, label: string): Metric => ({ of: 'cardinality', field, label });
const last: Metric = { of: 'max', field: '@timestamp', label: 'Last' };
const severity: Metric = { of: 'max', field: 'event.severity', label: 'Severity' };
const bytes: Metric = { of: 'sum', field: 'tokenward.alert.bytes_out', label: 'Bytes out' };
const by = (field: string, label: string) => [{ field, label }];
const at = (width: number, height: number) => (object: SavedObject): Placed => ({ object, width, height });
const [small, half, third, full] = [at(12, 7), at(24, 14), at(16, 14), at(48, 18)];

/** How much there is, of what kind and where from. */
function overview(): Placed[] {
  return [
    small(figure({ id: 'tokenward-open', title: 'Open alerts', source: open }, count('open'))),
    small(figure({ id: 'tokenward-grave', title: 'High and critical', source: grave }, count('open'))),
    small(figure({ id: 'tokenward-incidents', title: 'Incidents', source: open }, distinct('tokenward.alert.incident_id', 'incidents'))),
    small(figure({ id: 'tokenward-bytes', title: 'Bytes that left', source: all }, bytes)),
    half(course({ id: 'tokenward-course', title: 'Alerts by severity', source: all }, 'event.severity', 'Severity')),
    half(course({ id: 'tokenward-detectors', title: 'Alerts by detector', source: all }, 'rule.id', 'Detector')),
    third(ranking({ id: 'tokenward-identities', title: 'Whose', source: all }, by('tokenward.identity.id', 'Identity'), [count('Alerts'), severity, bytes])),
    third(ranking({ id: 'tokenward-networks', title: 'From where', source: all }, by('source.as.organization.name', 'Network'), [count('Alerts'), severity])),
    third(ranking({ id: 'tokenward-techniques', title: 'ATT&CK', source: all }, by('threat.technique.name', 'Technique'), [count('Alerts'), severity])),
  ];
}

/** What to look at next, and what is done about it. */
function triage(): Placed[] {
  return [
    full(documentList({ id: 'tokenward-queue', title: 'Open alerts, newest first', source: open }, [
      'event.severity', 'message', 'event.reason', 'tokenward.identity.id', 'tokenward.token.handle', 'source.ip', 'tokenward.alert.count',
      'tokenward.alert.status',
    ])),
    half(ranking({ id: 'tokenward-stories', title: 'Incidents by risk', source: open }, by('tokenward.alert.incident_id', 'Incident'), [
      { of: 'max', field: 'event.risk_score', label: 'Risk' }, count('Alerts'), distinct('rule.id', 'Detectors'), bytes,
    ])),
    half(ranking({ id: 'tokenward-response', title: 'What is done', source: all }, by('tokenward.response.state', 'State of a step'), [count('Alerts'), last])),
  ];
}

/** Tokens and identities as the events show them. Empty unless the sink has `events: true`. */
function inventory(): Placed[] {
  return [
    small(figure({ id: 'tokenward-tokens', title: 'Tokens used', source: uses }, distinct('tokenward.token.fingerprint', 'tokens'))),
    small(figure({ id: 'tokenward-owners', title: 'Identities', source: uses }, distinct('tokenward.identity.id', 'identities'))),
    small(figure({ id: 'tokenward-workloads', title: 'Workloads', source: uses }, distinct('tokenward.workload.id', 'workloads'))),
    small(figure({ id: 'tokenward-unknown', title: 'Tokens without a workload', source: unknownWorkload }, distinct('tokenward.token.fingerprint', 'tokens'))),
    half(ranking({ id: 'tokenward-kinds', title: 'Kinds of token', source: uses }, by('tokenward.token.kind', 'Kind'), [
      distinct('tokenward.token.fingerprint', 'Tokens'), distinct('tokenward.identity.id', 'Identities'), last,
    ])),
    half(course({ id: 'tokenward-formats', title: 'Events by format', source: events }, 'event.dataset', 'Format')),
    half(ranking({ id: 'tokenward-inventory', title: 'Identities', source: uses }, by('tokenward.identity.id', 'Identity'), [
      count('Uses'), distinct('tokenward.token.fingerprint', 'Tokens'), distinct('tokenward.network.block', 'Networks'), last,
    ], 100)),
    half(ranking({ id: 'tokenward-handles', title: 'Tokens', source: uses }, by('tokenward.token.handle', 'Token'), [
      count('Uses'), distinct('tokenward.network.block', 'Networks'), distinct('tokenward.resource.id', 'Resources'), last,
    ], 100)),
    full(documentList({ id: 'tokenward-changes', title: 'Issued, rotated, revoked', source: changes }, [
      'tokenward.lifecycle', 'event.dataset', 'event.action', 'tokenward.identity.id', 'tokenward.token.handle', 'tokenward.issued.handle', 'source.ip',
    ])),
  ];
}

/** Data views, what stands on the three dashboards, and these. */
export function kibanaObjects({ index }: KibanaNames): SavedObject[] {
  const view = (id: string, title: string, name: string): SavedObject => savedObject('index-pattern', id, { title, name, timeFieldName: '@timestamp' });
  const boards = [
    { id: 'tokenward-overview', title: 'Tokenward: overview', about: 'Alerts about stolen and misused tokens.', panels: overview() },
    { id: 'tokenward-triage', title: 'Tokenward: triage', about: 'What is open, and what is done about it. Decide in Tokenward.', panels: triage() },
    { id: 'tokenward-estate', title: 'Tokenward: inventory', about: 'Tokens and identities as they are used. Needs the events.', panels: inventory() },
  ];
  return [
    view(views.alerts, `${index}-*`, 'Tokenward alerts'), view(views.events, 'logs-tokenward.event-*', 'Tokenward events'),
    ...boards.flatMap(({ panels }) => panels.map(({ object }) => object)),
    ...boards.map(({ id, title, about, panels }) => dashboard(id, title, about, panels)),
  ];
}
