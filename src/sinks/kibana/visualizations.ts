import type { Document } from '../sink.ts';
import { savedObject, sourceMeta, sourceReference, type SavedObject, type Source } from './saved-object.ts';

/** What is counted, and how it is headed. */
export type Metric =
  | { readonly of: 'count'; readonly label: string }
  | { readonly of: 'sum' | 'max' | 'cardinality'; readonly field: string; readonly label: string };

/** A field by whose values is counted, and how it is headed. */
export interface Column { readonly field: string; readonly label: string }

interface Part { readonly id: string; readonly title: string; readonly source: Source }

const shown = { show: true, truncate: 100 };

/** Plain aggregations, the oldest kind of visualization and the one that all versions since know. */
function visualization({ id, title, source }: Part, type: string, aggs: readonly Document[], params: Document): SavedObject {
  return savedObject('visualization', id, {
    title, description: '', version: 1, uiStateJSON: '{}', visState: JSON.stringify({ title, type, aggs, params: { ...params, type } }),
    kibanaSavedObjectMeta: sourceMeta(source),
  }, sourceReference(source));
}

function metricOf(metric: Metric, place: number): Document {
  const params = { customLabel: metric.label, ...(metric.of === 'count' ? {} : { field: metric.field }) };
  return { id: String(place + 1), enabled: true, type: metric.of, schema: 'metric', params };
}

/** The most frequent values of a field. */
function terms(id: number, field: string, schema: string, size: number, label: string): Document {
  const params = { field, size, order: 'desc', orderBy: '1', otherBucket: false, missingBucket: false, customLabel: label };
  return { id: String(id), enabled: true, type: 'terms', schema, params };
}

/** One number. */
export function figure(part: Part, metric: Metric): SavedObject {
  const style = { bgFill: '#000', bgColor: false, labelColor: false, subText: '', fontSize: 48 };
  return visualization(part, 'metric', [metricOf(metric, 0)], {
    addTooltip: true, addLegend: false,
    metric: {
      percentageMode: false, useRanges: false, colorSchema: 'Green to Red', metricColorMode: 'None', colorsRange: [{ from: 0, to: 10_000 }],
      labels: { show: true }, invertColors: false, style,
    },
  });
}

/** Values of a field with what is counted of each, the first metric's largest on top. */
export function ranking(part: Part, columns: readonly Column[], metrics: readonly Metric[], size = 25): SavedObject {
  const buckets = columns.map(({ field, label }, place) => terms(metrics.length + place + 1, field, 'bucket', size, label));
  return visualization(part, 'table', [...metrics.map(metricOf), ...buckets], {
    perPage: 10, showPartialRows: false, showMetricsAtAllLevels: false, showTotal: false, showToolbar: true, totalFunc: 'sum', percentageCol: '',
    autoFitRowToContent: false,
  });
}

/** How many over time, stacked by the values of a field. */
export function course(part: Part, field: string, label: string): SavedObject {
  const time = { field: '@timestamp', interval: 'auto', useNormalizedEsInterval: true, drop_partials: false, min_doc_count: 1, extended_bounds: {} };
  const aggs = [
    metricOf({ of: 'count', label: 'Count' }, 0), { id: '2', enabled: true, type: 'date_histogram', schema: 'segment', params: time },
    terms(3, field, 'group', 10, label),
  ];
  const line = {
    show: true, type: 'histogram', mode: 'stacked', data: { label: 'Count', id: '1' }, valueAxis: 'ValueAxis-1', drawLinesBetweenPoints: true,
    showCircles: true,
  };
  return visualization(part, 'histogram', aggs, {
    grid: { categoryLines: false }, seriesParams: [line], addTooltip: true, addLegend: true, legendPosition: 'right', times: [], addTimeMarker: false,
    labels: { show: false }, thresholdLine: { show: false, value: 10, width: 1, style: 'full', color: '#E7664C' },
    categoryAxes: [{
      id: 'CategoryAxis-1', type: 'category', position: 'bottom', show: true, style: {}, scale: { type: 'linear' },
      labels: { ...shown, filter: true }, title: {},
    }],
    valueAxes: [{
      id: 'ValueAxis-1', name: 'LeftAxis-1', type: 'value', position: 'left', show: true, style: {}, scale: { type: 'linear', mode: 'normal' },
      labels: { ...shown, rotate: 0, filter: false }, title: { text: 'Count' },
    }],
  });
}

/** Documents, newest first. */
export function documentList(part: Part, columns: readonly string[]): SavedObject {
  const { id, title, source } = part;
  return savedObject('search', id, {
    title, description: '', columns, sort: [['@timestamp', 'desc']], hideChart: true, kibanaSavedObjectMeta: sourceMeta(source),
  }, sourceReference(source));
}

export interface Placed { readonly object: SavedObject; readonly width: number; readonly height: number }

/** Panels from left to right, a new row where there is no room: the board is 48 wide. */
export function dashboard(id: string, title: string, description: string, placed: readonly Placed[]): SavedObject {
  let [x, y, rowHeight] = [0, 0, 0];
  const panels = placed.map(({ object: { type }, width, height }, place) => {
    if (x + width > 48) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridData = { x, y, w: width, h: height, i: String(place) };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return { version: '8.8.0', type, gridData, panelIndex: String(place), embeddableConfig: { enhancements: {} }, panelRefName: `panel_${place}` };
  });
  return savedObject('dashboard', id, {
    title, description, version: 1, panelsJSON: JSON.stringify(panels), timeRestore: true, timeFrom: 'now-7d', timeTo: 'now',
    optionsJSON: JSON.stringify({ useMargins: true, syncColors: false, syncCursor: true, syncTooltips: false, hidePanelTitles: false }),
    kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }) },
  }, placed.map(({ object }, place) => ({ name: `${place}:panel_${place}`, type: object.type, id: object.id })));
}
