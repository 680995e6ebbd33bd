import { renderConfigReference } from './config/explain.ts';
import { renderVibrissaReference } from './commands/render-reference.ts';
import { renderMetricsReference } from './observability/render-metrics-reference.ts';

/** The reference pages that this package's code declares, by file name below `docs/reference`. */
export function renderReferences(): { readonly [fileName: string]: string } {
  return {
    'config.md': renderConfigReference(),
    'cli-vibrissa.md': renderVibrissaReference(),
    'metrics.md': renderMetricsReference(),
  };
}
