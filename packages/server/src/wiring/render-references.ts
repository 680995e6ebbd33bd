import { renderConfigReference } from '../config/explain.ts';
import { renderVibrissaReference } from '../commands/render-reference.ts';
import { renderErrorsReference } from '../reference/render-errors-reference.ts';
import { renderRestReference } from '../controller/routes/documents/render-rest-reference.ts';
import { renderMetricsReference } from '../observability/render-metrics-reference.ts';

/** The reference pages that this package's code declares, by file name below `docs/reference`. */
export function renderReferences(): { readonly [fileName: string]: string } {
  return {
    'config.md': renderConfigReference(),
    'cli-vibrissa.md': renderVibrissaReference(),
    'rest.md': renderRestReference(),
    'errors.md': renderErrorsReference(),
    'metrics.md': renderMetricsReference(),
  };
}
