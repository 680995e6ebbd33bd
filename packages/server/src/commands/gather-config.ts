import { readFileSync } from 'node:fs';
import { homedir, totalmem } from 'node:os';

import { ConfigError } from '../config/config-error.ts';
import type { ConfigFile } from '../config/config-file.ts';
import { loadConfig, type LoadedConfig, type Machine } from '../config/load.ts';
import { settings } from '../config/schema.ts';
import { longFlag, optionName, type CommandCall, type CommandOption } from './command.ts';
import { complain } from './complain.ts';

const MEBIBYTE = 1024 * 1024;

function flag(flags: string, setting: string): CommandOption {
  return { flags, setting, description: settings.get(setting)!.description };
}

/** Where the data lies and how the platform is set up: every command that reads the configuration takes these. */
export const configOptions: readonly CommandOption[] = [
  flag('-d, --data-dir <directory>', 'dataDir'),
  {
    flags: '-c, --config <file>',
    description: 'File with settings (YAML or JSON); VIBRISSA_CONFIG names one too.',
  },
  {
    flags: '--set <key=value>',
    description: 'Any setting, by its dotted name; may be repeated.',
    repeatable: true,
  },
];

/** For commands that speak to Mesos themselves. */
export const mesosMasterOption: CommandOption = flag('--mesos-master <masters>', 'mesos.masterUrl');

/** Flags for what is set most often. */
export const startOptions: readonly CommandOption[] = [
  flag('-p, --port <port>', 'http.port'),
  flag('--host <address>', 'http.host'),
  flag('--tls-cert <file>', 'http.tls.cert'),
  flag('--tls-key <file>', 'http.tls.key'),
  flag('--admin-port <port>', 'http.adminPort'),
  flag('--containers <factory>', 'containers.factory'),
  mesosMasterOption,
  flag('--teardown-on-exit', 'mesos.teardownOnExit'),
  flag('--log-level <level>', 'log.level'),
  ...configOptions,
];

/** What a container of this process's own may use counts, not what the machine has. */
function thisMachine(): Machine {
  const total = totalmem();
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 && constrained < total ? constrained : total;
  return { memoryMb: Math.floor(memory / MEBIBYTE), homeDirectory: homedir() };
}

function readFile(path: string): ConfigFile {
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `cannot be read`;
    throw new ConfigError([
      { message: `The configuration file ${path} ${why}.`, mend: 'Check the path after --config.' },
    ]);
  }
}

/** Reads the configuration that a call names. Throws {@link ConfigError}. */
export function gatherConfig({ command, options, terminal }: CommandCall): LoadedConfig {
  const flags = (command.options ?? []).flatMap((option) => {
    const value = options[optionName(option)];
    const given = typeof value === 'string' || typeof value === 'boolean';
    return option.setting !== undefined && given
      ? [{ path: option.setting, flag: longFlag(option), value }]
      : [];
  });
  const path = options['config'] ?? terminal.env['VIBRISSA_CONFIG'];
  const { VIBRISSA_CONFIG: _, ...env } = terminal.env;
  return loadConfig({
    env,
    flags,
    sets: (options['set'] as readonly string[] | undefined) ?? [],
    machine: thisMachine(),
    ...(typeof path === 'string' ? { file: readFile(path) } : {}),
  });
}

/** As {@link gatherConfig}; problems are told to the user, and the result is then undefined (exit code 2). */
export function gatherConfigOrComplain(call: CommandCall): LoadedConfig | undefined {
  try {
    const loaded = gatherConfig(call);
    for (const warning of loaded.warnings) call.terminal.err(`warning: ${warning}\n`);
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { message, mend } of error.problems) complain(call.terminal, message, mend);
    return undefined;
  }
}
