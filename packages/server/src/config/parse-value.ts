import { durationMs, sizeBytes } from '../base/unit-words.ts';
import type { Setting } from './settings-index.ts';
import type { SettingValue, Unit } from './setting.ts';

/** A value in the setting's unit, or what is wrong with it (`must be …`). */
export type Parsed =
  { readonly ok: true; readonly value: SettingValue } | { readonly ok: false; readonly why: string };

const examples: { readonly [unit in Unit]: string } = {
  ms: 'a duration such as 500 (ms), 10 s, 5 minutes or 2 h',
  MB: 'a size such as 512 (MB), 512 MB or 2 GB',
  bytes: 'a size such as 1048576 (bytes), 64 KB or 1 MB',
  count: 'a whole number',
  port: 'a port number',
};

/** How many of the setting's units one of the word's is: `minutes` of a `ms` setting is 60,000. */
function factorOf(unit: Unit | undefined, word: string): number | undefined {
  if (unit === 'ms') return durationMs[word];
  if (unit === 'bytes') return sizeBytes[word];
  const size = sizeBytes[word];
  return unit === 'MB' && size !== undefined ? size / sizeBytes['mb']! : undefined;
}

function numberFromText(setting: Setting, text: string): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text.trim());
  if (!match) return undefined;
  const word = match[2]!.toLowerCase();
  const factor = word === '' ? 1 : factorOf(setting.unit, word);
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

function range({ minimum = 0, maximum }: Setting): string {
  return maximum === undefined ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
}

function parseNumber(setting: Setting, given: unknown): Parsed {
  const value = typeof given === 'string' ? numberFromText(setting, given) : given;
  const what = examples[setting.unit ?? 'count'];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return { ok: false, why: `must be ${what}, not ${show(given)}` };
  }
  if (value < (setting.minimum ?? 0) || value > (setting.maximum ?? Number.MAX_SAFE_INTEGER)) {
    return { ok: false, why: `must be ${what}, ${range(setting)}, not ${show(given)}` };
  }
  return { ok: true, value };
}

function parseBoolean(given: unknown): Parsed {
  if (typeof given === 'boolean') return { ok: true, value: given };
  const word = typeof given === 'string' ? given.trim().toLowerCase() : '';
  if (['true', 'yes', 'on', '1'].includes(word)) return { ok: true, value: true };
  if (['false', 'no', 'off', '0'].includes(word)) return { ok: true, value: false };
  return { ok: false, why: `must be true or false, not ${show(given)}` };
}

function parseList(given: unknown): Parsed {
  const items = typeof given === 'string' ? listFromText(given) : given;
  if (Array.isArray(items) && items.every((item) => typeof item === 'string')) {
    return { ok: true, value: items };
  }
  return { ok: false, why: `must be a list of texts (a,b or ["a","b"]), not ${show(given)}` };
}

function listFromText(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) {
    try {
      return JSON.parse(trimmed);
    } catch {
      return undefined;
    }
  }
  return trimmed === '' ? [] : trimmed.split(',').map((item) => item.trim());
}

function parseText(setting: Setting, given: unknown): Parsed {
  if (typeof given !== 'string') return { ok: false, why: `must be a text, not ${show(given)}` };
  if (setting.choices && !setting.choices.includes(given)) {
    return { ok: false, why: `must be one of ${setting.choices.join(', ')}, not ${show(given)}` };
  }
  return { ok: true, value: given };
}

function show(given: unknown): string {
  const json = JSON.stringify(given) ?? 'nothing';
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}

/** Reads what a file, a variable or a flag gave for a setting. A secret's text never appears in the reason. */
export function parseValue(setting: Setting, given: unknown): Parsed {
  const parsed = parseByType(setting, given);
  if (parsed.ok || !setting.secret) return parsed;
  return { ok: false, why: 'is not what this setting takes (its value is secret and not shown)' };
}

function parseByType(setting: Setting, given: unknown): Parsed {
  switch (setting.type) {
    case 'integer':
      return parseNumber(setting, given);
    case 'boolean':
      return parseBoolean(given);
    case 'array':
      return parseList(given);
    case 'string':
      return parseText(setting, given);
  }
}
