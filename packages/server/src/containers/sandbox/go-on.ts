/**
 * Who is killed in the moment in which bubblewrap makes a sandbox leaves the program in it behind: it asks the kernel to
 * end it together with bubblewrap, and bubblewrap with its parent, only a little later. So the program begins when its
 * starter says so, over a line that both hold, and its starter says so when it sees both alive.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Words of a shell at the program's place: it says that it stands, is told to go on, or ends where nobody answers. */
export function waitingOn(fd: number): string {
  return `{ echo >&${fd} && read -r _ <&${fd}; } 2>/dev/null || exit`;
}

/** Of a process that has ended the kernel tells before Node does. */
function lives({ pid, exitCode, signalCode }: ChildProcess): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return exitCode === null && signalCode === null;
  }
}

/** Tells the program within `child` to go on once it stands; resolves then, and never where nobody is told. */
export function letGoOn(child: ChildProcess, fd: number): Promise<void> {
  const line = child.stdio[fd] as Socket | null | undefined;
  line?.on('error', () => {});
  return new Promise((resolve) =>
    line?.once('data', () => {
      // Without bubblewrap around it nobody would end it.
      if (!lives(child)) return line.destroy();
      line.write('\n');
      resolve();
    }),
  );
}
