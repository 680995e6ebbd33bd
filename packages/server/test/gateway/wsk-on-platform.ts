import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startPlatform, temporaryDirectory, type PlatformProcess } from '../platform/platform-process.ts';

const wskBinary = fileURLToPath(new URL('../../../cli/bin/wsk.js', import.meta.url));

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A platform with the command line that talks to it. */
export interface WskOnPlatform {
  readonly platform: PlatformProcess;
  readonly url: string;
  /** Files that the commands name lie there. */
  readonly directory: string;
  wsk(...words: string[]): Promise<Outcome>;
  /** Writes a file and returns its path. */
  file(name: string, text: string): string;
}

/** Starts a real platform, on the data of a former one where they are given, and a `wsk` that is set to it. */
export async function openWskOnPlatform(
  args: readonly string[] = [],
  dataDir = temporaryDirectory(),
): Promise<WskOnPlatform> {
  const platform = await startPlatform({
    dataDir,
    args: ['--set', 'limits.actions.invokes.perMinute=10000', ...args],
  });
  const directory = temporaryDirectory();
  const url = `http://127.0.0.1:${platform.port}`;
  const properties = join(directory, 'wskprops');
  writeFileSync(properties, `APIHOST=${url}\nAUTH=${platform.key}\n`);
  const env = { PATH: process.env['PATH'], TZ: 'UTC', WSK_CONFIG_FILE: properties };
  return {
    platform,
    url,
    directory,
    wsk: (...words) =>
      new Promise((resolve, reject) => {
        execFile(
          process.execPath,
          [wskBinary, ...words],
          { env, cwd: directory },
          (error, stdout, stderr) => {
            // Without a code it was killed, or never started.
            if (error && typeof error.code !== 'number') reject(error);
            else resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
          },
        );
      }),
    file: (name, text) => {
      const path = join(directory, name);
      writeFileSync(path, text);
      return path;
    },
  };
}
