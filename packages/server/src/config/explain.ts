import type { LoadedConfig, Origin } from './load.ts';
import { variableOf } from './names.ts';
import { settingGroups } from './schema.ts';
import type { SettingValue } from './setting.ts';
import type { Setting } from './settings-index.ts';

const MASK = '********';

function shown(setting: Setting, { value }: Origin): SettingValue | undefined {
  return setting.secret && value !== undefined ? MASK : value;
}

function valueText(value: SettingValue | undefined): string {
  if (value === undefined) return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function withUnit(setting: Setting, value: SettingValue | undefined): string {
  const named = setting.unit === 'ms' || setting.unit === 'MB' || setting.unit === 'bytes';
  return named && value !== undefined ? `${valueText(value)} ${setting.unit}` : valueText(value);
}

/** Each setting with its value and where it came from; secrets are masked. */
export function explainConfig({ origins }: LoadedConfig): string {
  const rows = settingGroups
    .flatMap(({ settings }) => settings)
    .map((setting) => {
      const origin = origins.get(setting.path)!;
      return [setting.path, withUnit(setting, shown(setting, origin)), origin.source] as const;
    });
  const width = Math.max(...rows.map(([path]) => path.length));
  const valueWidth = Math.min(40, Math.max(...rows.map(([, value]) => value.length)));
  return rows
    .map(([path, value, source]) => `${path.padEnd(width)}  ${value.padEnd(valueWidth)}  ${source}\n`)
    .join('');
}

/** As {@link explainConfig}, for programs. */
export function explainConfigAsJson({ origins }: LoadedConfig): string {
  const entries = settingGroups
    .flatMap(({ settings }) => settings)
    .map((setting) => {
      const origin = origins.get(setting.path)!;
      const { description, unit } = setting;
      const value = shown(setting, origin) ?? null;
      return [setting.path, { value, source: origin.source, unit: unit ?? null, description }] as const;
    });
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

function defaultText(setting: Setting): string {
  if (setting.computed !== undefined) return setting.computed;
  return setting.default === undefined ? '–' : `\`${withUnit(setting, setting.default) || '""'}\``;
}

function rangeText({ minimum, maximum, choices }: Setting): string {
  if (choices) return choices.map((word) => `\`${word}\``).join(', ');
  if (maximum !== undefined) return `${minimum ?? 0} to ${maximum}`;
  return minimum === undefined ? '' : `≥ ${minimum}`;
}

/** The reference page of all settings, in Markdown. */
export function renderConfigReference(): string {
  const sections = settingGroups.map(({ name, description, settings }) => {
    const rows = settings.map((setting) => {
      const about = [setting.description, rangeText(setting)]
        .filter(Boolean)
        .join(' ')
        .replaceAll('|', '\\|');
      return `| \`${setting.path}\` | ${defaultText(setting)} | ${about} | \`${variableOf(setting.path)}\` |\n`;
    });
    const title = description === '' ? `## ${name}\n` : `## ${name}\n\n${description}\n`;
    return `${title}\n| setting | default | meaning | variable |\n| --- | --- | --- | --- |\n${rows.join('')}`;
  });
  return `# Settings

A setting is taken from, later ones winning: its default, the file of \`--config\` (YAML or JSON, nested or dotted),
the environment, the flags of \`vibrissa start\` (\`--set KEY=VALUE\` for any setting). OpenWhisk's variables work too:
\`CONFIG_whisk_timeLimit_max\`, \`LIMITS_ACTIONS_INVOKES_PERMINUTE\`. Durations take \`500\` (milliseconds), \`10 s\`,
\`5 minutes\`; sizes take \`512 MB\`, \`2 GB\`. \`vibrissa config explain\` prints each value and where it came from.

${sections.join('\n')}`;
}
