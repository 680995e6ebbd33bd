import type { InstanceProcess } from './instance-process.ts';

/** What an instance has asked of Mesos while it did not lead, by its own lines; empty: nothing. */
export function outOfOffice({ id, said }: InstanceProcess): readonly string[] {
  const wrong: string[] = [];
  let leads = false;
  for (const { at, kind, line } of said) {
    if (kind === 'leading') leads = !line.includes(' no more ');
    if (leads || (kind !== 'call' && kind !== 'subscribe')) continue;
    wrong.push(`${id} did not lead at ${new Date(at).toISOString()}: ${kind} ${line}`);
  }
  return wrong;
}
