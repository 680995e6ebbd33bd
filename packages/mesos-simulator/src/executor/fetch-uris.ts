import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { appendFile, chmod, copyFile } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import type { WireUri } from '@vibrissa/mesos/wire';
import type { ContainerLaunch } from '../agent/messages.ts';
import { LaunchRefused } from './container.ts';

const archives: readonly {
  readonly ending: RegExp;
  readonly unpack: (file: string, into: string) => string[];
}[] = [
  {
    ending: /\.(tar|tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz)$/,
    unpack: (file, into) => ['tar', '-C', into, '-xf', file],
  },
  { ending: /\.zip$/, unpack: (file, into) => ['unzip', '-o', '-q', '-d', into, file] },
  { ending: /\.gz$/, unpack: (file) => ['gzip', '-dfk', file] },
];

function run([program = '', ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (piece: Buffer) => (complaint += piece.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with status ${code}: ${complaint.trim()}`));
    });
  });
}

async function download(url: string, path: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
}

async function fetchOne(uri: WireUri, directory: string): Promise<void> {
  const { value } = uri;
  const isLocal = isAbsolute(value) || value.startsWith('file://');
  const source = value.startsWith('file://') ? fileURLToPath(value) : value;
  const name = uri.output_file ?? basename(isLocal ? source : new URL(value).pathname);
  const path = join(directory, name);
  if (isLocal) await copyFile(source, path);
  else if (/^https?:/.test(value)) await download(value, path);
  else throw new Error('only http, https and file are fetched');
  if (uri.executable) return chmod(path, 0o755);
  if (uri.extract === false) return;
  const archive = archives.find(({ ending }) => ending.test(name));
  if (archive) await run(archive.unpack(path, directory));
}

/**
 * Fetches what a task's command wants into its sandbox, one after the other, and unpacks it as its name says. Rejects
 * with a {@link LaunchRefused} at the first that can't be had; why stands in the sandbox's `stderr`, as Mesos's fetcher
 * has it.
 */
export async function fetchUris(
  { task, containerId }: ContainerLaunch,
  sandbox: { readonly directory: string; readonly stderr: string },
): Promise<void> {
  for (const uri of task.command?.uris ?? []) {
    try {
      await fetchOne(uri, sandbox.directory);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      await appendFile(sandbox.stderr, `Failed to fetch '${uri.value}': ${why}\n`);
      throw new LaunchRefused(
        `Failed to launch container: Failed to fetch all URIs for container '${containerId}': exited with status 1`,
        { cause },
      );
    }
  }
}
