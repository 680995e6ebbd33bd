import { Type, type TBoolean, type TInteger, type TOptional, type TString, type TUnsafe } from 'typebox';

/** What a setting's number counts; texts such as `10 s` or `512 MB` are turned into it. */
export type Unit = 'ms' | 'MB' | 'bytes' | 'count' | 'port';

/** A setting's value once read. */
export type SettingValue = string | number | boolean | readonly string[];

/** JSON-schema keywords of our own, beside the standard ones. */
export interface SettingKeywords {
  readonly description: string;
  readonly unit?: Unit;
  /** Never printed. */
  readonly secret?: boolean;
  /** How the default is found when it depends on the machine; said in words. */
  readonly computed?: string;
}

interface Range {
  readonly default: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

const YEAR_MS = 366 * 24 * 3600 * 1000;

function number(description: string, unit: Unit, range: Range): TInteger {
  return Type.Integer({ description, unit, minimum: 0, ...range });
}

/** A whole number of things. */
export const count = (description: string, range: Range): TInteger => number(description, 'count', range);

/** Milliseconds; read from `500`, `10 s`, `5 minutes`, `2 h`, `30 d`. */
export const duration = (description: string, range: Range): TInteger =>
  number(description, 'ms', { maximum: YEAR_MS, ...range });

/** Megabytes; read from `512`, `512 MB`, `512m`, `2 GB`. */
export const megabytes = (description: string, range: Range): TInteger => number(description, 'MB', range);

/** Bytes; read from `1048576`, `1 MB`, `64 KB`. */
export const bytes = (description: string, range: Range): TInteger => number(description, 'bytes', range);

/** A number whose default the machine decides. */
export const computedMegabytes = (
  description: string,
  computed: string,
  minimum: number,
): TOptional<TInteger> => Type.Optional(Type.Integer({ description, unit: 'MB', minimum, computed }));

/** A TCP port; 0 takes any free one. */
export const port = (description: string, preset: number): TInteger =>
  number(description, 'port', { default: preset, maximum: 65_535 });

export const optionalPort = (description: string): TOptional<TInteger> =>
  Type.Optional(Type.Integer({ description, unit: 'port', minimum: 0, maximum: 65_535 }));

export const optionalCount = (description: string, minimum: number): TOptional<TInteger> =>
  Type.Optional(Type.Integer({ description, unit: 'count', minimum }));

export const yesOrNo = (description: string, preset: boolean): TBoolean =>
  Type.Boolean({ description, default: preset });

export const text = (description: string, preset: string): TString =>
  Type.String({ description, default: preset });

export const optionalText = (
  description: string,
  keywords: Partial<SettingKeywords> = {},
): TOptional<TString> => Type.Optional(Type.String({ description, ...keywords }));

/** One of a few words. */
export const choice = <W extends string>(
  description: string,
  words: readonly W[],
  preset: NoInfer<W>,
): TUnsafe<W> => Type.Unsafe<W>({ type: 'string', enum: [...words], description, default: preset });

/** Several texts; read from JSON, a YAML list, or words between commas. */
export const list = (description: string, preset: readonly string[] = []): TUnsafe<readonly string[]> =>
  Type.Unsafe<readonly string[]>({
    type: 'array',
    items: { type: 'string' },
    description,
    default: [...preset],
  });
