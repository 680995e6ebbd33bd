import { actionMetricCatalogue } from './action-metrics.ts';
import { metricCatalogue, type MetricDeclaration } from '../base/metrics.ts';

/** The reference page of all metrics, in Markdown. */
export function renderMetricsReference(): string {
  const rows = Object.entries<MetricDeclaration>(metricCatalogue).map(
    ([name, { kind, help, label }]) =>
      `| \`${name}\` | ${kind} | ${label ? `\`${label}\`` : ''} | ${help.replaceAll('|', '\\|')} |\n`,
  );
  const ofActions = Object.entries(actionMetricCatalogue).map(
    ([name, { type, help, labels }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |\n`,
  );
  return `# Metrics

\`GET /metrics\` answers in Prometheus' text format, on the admin listener and to loopback on the public one. A metric
appears once its component has opened.

| metric | kind | label | meaning |
| --- | --- | --- | --- |
${rows.join('')}
## Of users' actions

Names and labels are those of OpenWhisk's user events service, so that its Grafana dashboards work. \`namespace\` is the action's,
\`initiator\` the one that invoked it. \`userEvents.enabled\` turns them off; the ten thousand actions that ran last are told apart.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
${ofActions.join('')}`;
}
