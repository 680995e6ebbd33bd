import type { SettingValue, Unit } from './setting.ts';

/** One setting, as everything but the type checker sees it. */
export interface Setting {
  /** Dotted, in OpenWhisk's words where it has them: `limits.actions.invokes.perMinute`. */
  readonly path: string;
  readonly type: 'integer' | 'boolean' | 'string' | 'array';
  readonly description: string;
  readonly unit?: Unit;
  readonly default?: SettingValue;
  readonly computed?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  readonly secret?: boolean;
}

/** A component's settings, for pages and help. */
export interface SettingGroup {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly Setting[];
}

/** A schema as JSON: what TypeBox's objects are. */
interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: { readonly [name: string]: SchemaNode };
  readonly enum?: readonly string[];
  readonly unit?: Unit;
  readonly default?: SettingValue;
  readonly computed?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly secret?: boolean;
}

function toSetting(path: string, node: SchemaNode): Setting {
  const { type, description, enum: choices, properties: _, ...rest } = node;
  if (description === undefined) throw new Error(`The setting ${path} has no description`);
  return {
    path,
    type: type as Setting['type'],
    description,
    ...(choices ? { choices } : {}),
    ...pickKnown(rest),
  };
}

function pickKnown(node: SchemaNode): Partial<Setting> {
  const { unit, default: preset, computed, minimum, maximum, secret } = node;
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(preset === undefined ? {} : { default: preset }),
    ...(computed === undefined ? {} : { computed }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(secret === undefined ? {} : { secret }),
  };
}

function collect(prefix: string, node: SchemaNode): Setting[] {
  if (node.properties === undefined) return [toSetting(prefix, node)];
  return Object.entries(node.properties).flatMap(([name, child]) =>
    collect(prefix === '' ? name : `${prefix}.${name}`, child),
  );
}

/** The settings of a schema by group, in the order of the schema. */
export function groupsOf(schema: object): readonly SettingGroup[] {
  const root = schema as SchemaNode;
  return Object.entries(root.properties ?? {}).map(([name, node]) => ({
    name,
    description: node.description ?? '',
    settings: collect(name, node),
  }));
}
