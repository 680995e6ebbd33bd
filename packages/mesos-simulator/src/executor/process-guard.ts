import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * What outlives the simulator for a moment: a shell that reads the process groups it has to care for, and at the end
 * of its input (which comes however the simulator ends, by SIGKILL as well) kills them, then everything that carries
 * the work directory in its environment: what was just being started, and what has left its group. A temporary work
 * directory goes with them.
 */
const script = `
trap '' INT TERM HUP
groups=' '
while read -r what id; do
  case $what in
    watch) groups="$groups$id " ;;
    forget) case $groups in *" $id "*) groups="\${groups%% $id *} \${groups#* $id }" ;; esac ;;
  esac
done
for id in $groups; do kill -s KILL -- "-$id" 2>/dev/null; done
for round in 1 2 3; do
  for file in $(grep -lsF "MESOS_DIRECTORY=$1/" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -s KILL "\${pid%/environ}" 2>/dev/null
  done
done
[ "$2" = temporary ] && rm -rf -- "$1"
`;

/** Sees to it that no process of a task is left behind. One for a simulator. */
export class ProcessGuard {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(shell: ChildProcess) {
    this.#shell = shell;
    this.#ended = new Promise((resolve) => shell.once('close', () => resolve()));
  }

  /** `directory`: absolute, and of this simulator alone; a temporary one is removed. Rejects where there is no shell. */
  static async open(directory: {
    readonly path: string;
    readonly isTemporary: boolean;
  }): Promise<ProcessGuard> {
    const fate = directory.isTemporary ? 'temporary' : 'kept';
    const shell = spawn('/bin/sh', ['-c', script, 'mesos-simulator-guard', directory.path, fate], {
      // In a session of its own, so that Ctrl-C at a terminal ends the simulator only.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      cwd: '/',
    });
    await new Promise<void>((resolve, reject) => {
      shell.once('spawn', resolve);
      shell.once('error', reject);
    });
    shell.stdin?.on('error', () => {});
    // Neither keeps the simulator alive.
    shell.unref();
    (shell.stdin as Socket).unref();
    return new ProcessGuard(shell);
  }

  watch(group: number): void {
    this.#tell(`watch ${group}\n`);
  }

  /** It has ended: its number may soon be somebody else's. */
  forget(group: number): void {
    this.#tell(`forget ${group}\n`);
  }

  /** Kills what is left and resolves when that is done. */
  close(): Promise<void> {
    // Now it is waited for.
    this.#shell.ref();
    this.#shell.stdin?.end();
    return this.#ended;
  }

  #tell(line: string): void {
    this.#shell.stdin?.write(line);
  }
}
