import type { ConfigProblem } from './config-error.ts';
import { ConfigError } from './config-error.ts';
import { contradictionsOf } from './contradictions.ts';
import { readConfigFile, type ConfigFile } from './config-file.ts';
import { meaningOf, resolveName } from './names.ts';
import { parseValue } from './parse-value.ts';
import { settings, type Config } from './schema.ts';
import type { SettingValue } from './setting.ts';
import { suggest } from './suggest.ts';

/** Where values come from; later ones win: defaults, file, environment, flags. */
export interface ConfigSources {
  readonly file?: ConfigFile;
  readonly env: { readonly [name: string]: string | undefined };
  /** By setting path, with the flag that gave it. */
  readonly flags: readonly {
    readonly path: string;
    readonly flag: string;
    readonly value: string | boolean;
  }[];
  /** `KEY=VALUE` of each `--set`. */
  readonly sets: readonly string[];
  readonly machine: Machine;
}

/** What the defaults need to know of the machine. */
export interface Machine {
  readonly memoryMb: number;
  readonly homeDirectory: string;
}

/** A value and the source it was taken from (`default`, `file …`, `environment …`, `--port`). */
export interface Origin {
  readonly value: SettingValue | undefined;
  readonly source: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** By path, for every setting. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Not wrong, but probably not what was meant. */
  readonly warnings: readonly string[];
}

/** One value that a source gave, before it is checked. */
interface Given {
  readonly name: string;
  readonly value: unknown;
  readonly source: string;
}

const DEFAULT = 'default';
const USER_MEMORY = 'containerPool.userMemoryMb';

class Collector {
  readonly origins = new Map<string, Origin>();
  readonly problems: ConfigProblem[] = [];
  readonly warnings: string[] = [];

  take({ name, value, source }: Given): void {
    const path = resolveName(name);
    const setting = path === undefined ? undefined : settings.get(path);
    if (setting === undefined) return this.unknown(name, source);
    const parsed = parseValue(setting, value);
    if (parsed.ok) {
      this.origins.set(setting.path, { value: parsed.value, source });
    } else {
      this.problems.push({
        message: `${setting.path} (from ${source}) ${parsed.why}.`,
        mend: `${setting.description} Change it there, or leave it out for the default.`,
      });
    }
  }

  unknown(name: string, source: string): void {
    const nearest = suggest(name, settings.keys());
    this.problems.push({
      message: `${name} (from ${source}) is not a setting.`,
      mend: nearest
        ? `Did you mean ${nearest}?`
        : '`vibrissa config explain` lists every setting with its value.',
    });
  }
}

function takeDefaults(collector: Collector, machine: Machine): void {
  for (const setting of settings.values()) {
    collector.origins.set(setting.path, { value: setting.default, source: DEFAULT });
  }
  const halfMb = Math.max(256, Math.floor(machine.memoryMb / 2));
  collector.origins.set(USER_MEMORY, { value: halfMb, source: DEFAULT });
  collector.origins.set('dataDir', { value: `${machine.homeDirectory}/.vibrissa`, source: DEFAULT });
}

function takeFile(collector: Collector, file: ConfigFile): void {
  const read = readConfigFile(file);
  if (!read.ok) {
    collector.problems.push(read.problem);
    return;
  }
  for (const [name, value] of read.entries) collector.take({ name, value, source: `file ${file.path}` });
}

function takeEnvironment(collector: Collector, env: ConfigSources['env']): void {
  for (const [variable, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const meaning = meaningOf(variable);
    const source = `environment variable ${variable}`;
    if (meaning.kind === 'setting') collector.take({ name: meaning.path, value, source });
    if (meaning.kind === 'unknown') collector.unknown(meaning.name, source);
    if (meaning.kind === 'foreign') {
      collector.warnings.push(`${variable} is a setting of OpenWhisk that Vibrissa doesn't have; ignored.`);
    }
  }
}

function takeSets(collector: Collector, sets: readonly string[]): void {
  for (const set of sets) {
    const cut = set.indexOf('=');
    if (cut <= 0) {
      collector.problems.push({
        message: `--set ${set} has no value.`,
        mend: 'Write --set KEY=VALUE, for example --set limits.actions.invokes.perMinute=600.',
      });
    } else {
      collector.take({ name: set.slice(0, cut).trim(), value: set.slice(cut + 1), source: '--set' });
    }
  }
}

/** `{"a.b": 1}` → `{a: {b: 1}}`. Paths come from the schema, never from a user. */
function nest(origins: ReadonlyMap<string, Origin>): Config {
  const root: { [name: string]: unknown } = {
    containerPool: { isUserMemoryGiven: origins.get(USER_MEMORY)?.source !== DEFAULT },
  };
  for (const [path, { value }] of origins) {
    const names = path.split('.');
    const last = names.pop()!;
    let level = root;
    for (const name of names) level = (level[name] ??= {}) as { [name: string]: unknown };
    if (value !== undefined) level[last] = value;
  }
  return root as unknown as Config;
}

/** Reads all the sources once. Throws {@link ConfigError} with every problem of every source. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const collector = new Collector();
  takeDefaults(collector, sources.machine);
  if (sources.file) takeFile(collector, sources.file);
  takeEnvironment(collector, sources.env);
  takeSets(collector, sources.sets);
  for (const { path, flag, value } of sources.flags) collector.take({ name: path, value, source: flag });
  const { origins, problems, warnings } = collector;
  if (problems.length > 0) throw new ConfigError(problems);
  const config = nest(origins);
  const contradictions = contradictionsOf(config);
  if (contradictions.length > 0) throw new ConfigError(contradictions);
  if (config.containers.factory === 'mesos' && !config.containerPool.isUserMemoryGiven) {
    // What it will be is not known before the master has told its agents.
    const source = `${DEFAULT}: half of what the Mesos agents have, found at the start`;
    origins.set(USER_MEMORY, { value: undefined, source });
  }
  return { config, origins, warnings };
}
