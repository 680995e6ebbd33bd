import { hostname } from 'node:os';

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Config } from '../config/schema.ts';
import type { Tracing } from '../observability/trails.ts';
import { VERSION } from '../version.ts';

/** Traces that are on, and how to end them. */
export interface OpenTracing extends Tracing {
  close(): Promise<void>;
}

const PATH = '/v1/traces';

/** A collector's address has a path of the protocol's own, where it names none. */
function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = PATH;
  return url.href;
}

/** Undefined where nobody wants traces: nothing of them is loaded then. */
export async function openTracing(
  { tracing }: Config,
  deps: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics },
): Promise<OpenTracing | undefined> {
  if (tracing.endpoint === undefined) return undefined;
  const { OtlpExporter } = await import('../observability/otlp/otlp-exporter.ts');
  const exporter = OtlpExporter.open(
    { ...deps, logger: deps.logger.child({ component: 'tracing' }) },
    { url: tracesUrl(tracing.endpoint), resource: { version: VERSION, instance: hostname() } },
  );
  return { sink: exporter, sampling: tracing.samplePercent / 100, close: () => exporter.close() };
}
