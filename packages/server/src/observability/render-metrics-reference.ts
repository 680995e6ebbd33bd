import { metricCatalogue, type MetricDeclaration } from '../base/metrics.ts';

/** The reference page of all metrics, in Markdown. */
export function renderMetricsReference(): string {
  const rows = Object.entries<MetricDeclaration>(metricCatalogue).map(
    ([name, { kind, help, label }]) =>
      `| \`${name}\` | ${kind} | ${label ? `\`${label}\`` : ''} | ${help.replaceAll('|', '\\|')} |\n`,
  );
  return `# Metrics

\`GET /metrics\` answers in Prometheus' text format, on the admin listener and to loopback on the public one. A metric
appears once its component has opened.

| metric | kind | label | meaning |
| --- | --- | --- | --- |
${rows.join('')}`;
}
