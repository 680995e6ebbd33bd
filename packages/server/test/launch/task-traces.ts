import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All processes of this machine that belong to the task: the launcher, bubblewrap, the runtime and its children. */
export function processesOf({ id }: { readonly id: string }): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => {
      try {
        const words =
          readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.includes(id);
      } catch {
        return false;
      }
    });
}

/** What launchers of this user keep for all their tasks, wherever that is. */
export function groundFiles(): string[] {
  return ['/run', '/dev/shm', tmpdir()].flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith(`vibrissa-agent-${process.getuid?.() ?? 0}-`))
      .flatMap((name) => readdirSync(join(parent, name))),
  );
}
