/**
 * What a Mesos agent needs to run command tasks of this platform: Node and bubblewrap from its distribution, and from
 * here the launcher with the runtimes, either as an archive that the Mesos fetcher unpacks into the task's sandbox or as
 * a directory that operators put on every agent. `exec node <directory>/launch.mjs` starts it.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { collectAgentFiles } from './agent-files.ts';
import { writeTar } from './write-tar.ts';

export interface AgentArchive {
  /** Of the content; equal builds have equal ones. */
  readonly digest: string;
  /** A `.tar.gz`. */
  readonly bytes: Buffer;
}

/** Takes some tens of milliseconds: once for each start of the platform. */
export function buildAgentArchive(runtimeDir?: string): AgentArchive {
  const { digest, files } = collectAgentFiles(runtimeDir);
  return { digest, bytes: gzipSync(writeTar(files), { level: 9 }) };
}

/** Writes the same files below a directory, readable for the users of all tasks. Answers their digest. */
export function writeAgentDirectory(path: string, runtimeDir?: string): string {
  const { digest, files } = collectAgentFiles(runtimeDir);
  for (const file of files) {
    const target = join(path, file.path);
    for (const made of madeFor(path, file.path)) {
      mkdirSync(made, { recursive: true });
      chmodSync(made, 0o755);
    }
    writeFileSync(target, file.content);
    chmodSync(target, file.executable ? 0o755 : 0o644);
  }
  return digest;
}

/** The directories that a file needs, from the outermost. */
function madeFor(root: string, file: string): string[] {
  const directories = [root];
  for (let at = dirname(file); at !== '.'; at = dirname(at)) directories.splice(1, 0, join(root, at));
  return directories;
}
