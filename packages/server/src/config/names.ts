import { settings } from './schema.ts';

/** OpenWhisk's names of settings that are named differently here (`whisk.` left out, dashes as camel case). */
const openWhiskNames: { readonly [name: string]: string } = {
  'containerPool.userMemory': 'containerPool.userMemoryMb',
  parameterSizeLimit: 'sizes.parameters',
  execSizeLimit: 'sizes.exec',
  'runtimes.manifestFile': 'runtimes.manifest',
};

const collapsed = new Map([...settings.keys()].map((path) => [collapse(path), path]));

function collapse(name: string): string {
  return name.replace(/[._-]/g, '').toLowerCase();
}

function camelCase(level: string): string {
  return level.replace(/-+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The setting that a dotted name means, with OpenWhisk's spelling (`whisk.time-limit.max`) accepted too. */
export function resolveName(name: string): string | undefined {
  const path = name
    .replace(/^whisk\./, '')
    .split('.')
    .map(camelCase)
    .join('.');
  if (settings.has(path)) return path;
  return Object.hasOwn(openWhiskNames, path) ? openWhiskNames[path] : undefined;
}

/** What an environment variable means to the configuration. */
export type VariableMeaning =
  | { readonly kind: 'setting'; readonly path: string }
  /** Ours by its prefix, but no setting. */
  | { readonly kind: 'unknown'; readonly name: string }
  /** A setting of OpenWhisk that this platform doesn't have. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unrelated' };

/**
 * `CONFIG_whisk_timeLimit_max` (OpenWhisk: `_` separates levels), `LIMITS_ACTIONS_INVOKES_PERMINUTE` (OpenWhisk's
 * throttles) and `VIBRISSA_HTTP_PORT` (ours: any case, `_` anywhere).
 */
export function meaningOf(variable: string): VariableMeaning {
  if (variable.startsWith('CONFIG_whisk_')) {
    const path = resolveName(variable.slice('CONFIG_whisk_'.length).replaceAll('_', '.'));
    return path === undefined ? { kind: 'foreign' } : { kind: 'setting', path };
  }
  if (variable.startsWith('LIMITS_')) {
    const path = collapsed.get(collapse(variable));
    return path === undefined ? { kind: 'unrelated' } : { kind: 'setting', path };
  }
  if (!variable.startsWith('VIBRISSA_')) return { kind: 'unrelated' };
  const name = variable.slice('VIBRISSA_'.length);
  const path = collapsed.get(collapse(name));
  return path === undefined
    ? { kind: 'unknown', name: name.toLowerCase().replaceAll('_', '.') }
    : { kind: 'setting', path };
}

/** Our own variable for a setting: `http.adminPort` → `VIBRISSA_HTTP_ADMIN_PORT`. */
export function variableOf(path: string): string {
  const words = path.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return `VIBRISSA_${words.toUpperCase()}`;
}
