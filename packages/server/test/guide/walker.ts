import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startPlatform, temporaryDirectory } from '../platform/platform-process.ts';

const packages = fileURLToPath(new URL('../../../', import.meta.url));

/** The address that the guide's readers have. */
const usualAddress = '127.0.0.1:3233';

const usualHome = '/home/you';

/** How a command is ended: the guide shows `^C` below it. */
interface Interruption {
  /** Ctrl-C is pressed when this holds for what was printed. */
  when(printed: string): boolean;
}

/** Somebody who walks through the guide: an empty home, a platform, and the two commands. */
export class Walker {
  readonly #env: NodeJS.ProcessEnv;
  readonly #folder: string;
  readonly #address: string;
  readonly #home: string;

  private constructor(home: string, port: number) {
    const bin = join(home, 'bin');
    mkdirSync(bin);
    for (const [name, file] of [
      ['wsk', 'cli/bin/wsk.js'],
      ['vibrissa', 'server/bin/vibrissa.js'],
    ] as const) {
      const script = `#!/bin/sh\nexec "${process.execPath}" "${packages}${file}" "$@"\n`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    }
    this.#home = home;
    this.#folder = join(home, 'guide');
    mkdirSync(this.#folder);
    this.#address = `127.0.0.1:${port}`;
    this.#env = { HOME: home, PATH: `${bin}:${process.env['PATH'] ?? ''}`, TZ: 'UTC', LANG: 'C.UTF-8' };
  }

  static async open(): Promise<Walker> {
    const home = temporaryDirectory();
    const dataDir = join(home, '.vibrissa');
    // A test types faster than a person: what the guide runs in all is more than a minute allows.
    const limit = 'limits.actions.invokes.perMinute=10000';
    // There the log is where the platform runs in a terminal.
    const log = `log.file=${join(dataDir, 'vibrissa.log')}`;
    const platform = await startPlatform({ dataDir, args: ['--set', limit, '--set', log] });
    return new Walker(home, platform.port);
  }

  /** Makes a file, and the folders that it lies in. */
  write(name: string, text: string): void {
    const path = join(this.#folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll(usualAddress, this.#address));
  }

  /** Types a command, and returns what it printed, as a reader would see it. */
  type(command: string, interruption?: Interruption): Promise<string> {
    // One pipe for both streams: what they print stays in its order.
    const script = `exec 2>&1\n${command.replaceAll(usualAddress, this.#address)}`;
    const child = spawn('bash', ['-c', script], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: interruption !== undefined,
    });
    let printed = '';
    const seen = (): string =>
      printed.replaceAll(this.#address, usualAddress).replaceAll(this.#home, usualHome);
    const listen = (part: string): void => {
      printed += part;
      if (interruption?.when(seen()) === true) process.kill(-child.pid!, 'SIGINT');
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    return new Promise((resolve) => child.on('close', () => resolve(seen())));
  }
}
