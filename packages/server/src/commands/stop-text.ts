import { resolve } from 'node:path';

import type { Config } from '../config/schema.ts';
import { amount, spanText } from './plain-words.ts';
import { quoted } from './quoted.ts';

/** What a platform that has stopped leaves in the cluster. */
export interface MesosLeft {
  readonly frameworkId: string;
  readonly tasks: number;
  /** How long Mesos keeps them. */
  readonly failoverTimeoutMs: number;
}

/** The last lines: what stays where, for how long, and how to remove it; nothing where nothing stays. */
export function stopText(
  left: MesosLeft | undefined,
  { dataDir, mesos }: Pick<Config, 'dataDir' | 'mesos'>,
  vibrissa: string,
): string {
  if (left === undefined) return '';
  const { failoverTimeoutMs, frameworkId, tasks } = left;
  const span = spanText(failoverTimeoutMs);
  if (failoverTimeoutMs === 0)
    return 'Mesos removes the framework with its tasks: mesos.timeouts.failover is 0.\n';
  const [what, pronoun] = tasks === 0 ? ['with no tasks', 'it'] : [`with ${amount(tasks, 'task')}`, 'them'];
  const options = [
    `--mesos-master ${asTyped(mesos.masterUrl)}`,
    `--data-dir ${asTyped(resolve(dataDir))}`,
    ...accessOptions(mesos),
  ].join(' ');
  return `Mesos keeps the framework ${frameworkId} ${what} for ${span}; the next start takes ${pronoun} over.
To remove ${pronoun} now: ${vibrissa} mesos teardown --yes ${options}
`;
}

/** What the master asks for of whoever removes a framework; a file is named, its content is not shown. */
function accessOptions({ caFile, principal, secretFile }: Config['mesos']): readonly string[] {
  const settings = [
    ['mesos.principal', principal],
    ['mesos.secretFile', secretFile === undefined ? undefined : resolve(secretFile)],
    ['mesos.caFile', caFile === undefined ? undefined : resolve(caFile)],
  ] as const;
  return settings.flatMap(([name, value]) =>
    value === undefined ? [] : [`--set ${name}=${asTyped(value)}`],
  );
}

/** In quotes only where it needs them. */
function asTyped(word: string): string {
  return /^[\w./@:,+-]+$/.test(word) ? word : quoted(word);
}
