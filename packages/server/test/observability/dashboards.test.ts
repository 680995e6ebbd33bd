import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';
import { metricCatalogue, type MetricDeclaration } from '../../src/base/metrics.ts';
import { actionMetricCatalogue } from '../../src/observability/action-metrics.ts';

const directory = fileURLToPath(new URL('../../../../deploy/grafana/', import.meta.url));

interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number };
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}

const dashboards = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, JSON.parse(readFileSync(`${directory}${name}`, 'utf8')) as Dashboard] as const);

/** Every name that a scrape may show, with its labels. */
const known = new Map<string, readonly string[]>();
function know(name: string, kind: string, labels: readonly string[]): void {
  if (kind !== 'histogram') known.set(name, labels);
  else for (const end of ['_bucket', '_sum', '_count']) known.set(name + end, [...labels, 'le']);
}
for (const [name, { kind, label }] of Object.entries<MetricDeclaration>(metricCatalogue)) {
  know(name, kind, label === undefined ? [] : [label]);
}
for (const [name, { type, labels }] of Object.entries(actionMetricCatalogue)) know(name, type, labels);

/** The metrics of a query. */
function metricsOf(text: string): string[] {
  return text.match(/\b(?!histogram_quantile)(?:counter|gauge|histogram|openwhisk)_\w+/g) ?? [];
}

/** The labels that a query groups by or selects. */
function labelsOf(text: string): string[] {
  const grouped = [...text.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/));
  const selected = [...text.matchAll(/(\w+)[=!]~?"/g)].map(([, name = '']) => name);
  return [...grouped, ...selected];
}

describe.each(dashboards)('the Grafana dashboard %s', (_name, { panels, templating }) => {
  it.each(panels.map((panel) => [panel.title, panel] as const))(
    'shows %s by metrics and labels that the platform has',
    (_title, { targets }) => {
      for (const { expr, legendFormat } of targets) {
        const metrics = metricsOf(expr);
        expect(metrics, expr).not.toHaveLength(0);
        for (const metric of metrics) {
          expect([...known.keys()]).toContain(metric);
          for (const label of labelsOf(expr)) expect(known.get(metric), expr).toContain(label);
        }
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
        for (const label of shown) expect(labelsOf(expr)).toContain(label);
      }
    },
  );

  it('asks for its variables by metrics and labels that the platform has', () => {
    for (const { name, query } of templating.list) {
      for (const metric of metricsOf(query)) expect(known.get(metric)).toContain(name);
    }
  });
});

it('dashboards have ids of their own, so that all can be imported', () => {
  expect(dashboards.length).toBeGreaterThan(2);
  expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(dashboards.length);
});
