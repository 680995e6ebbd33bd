/** Makes the ground of an agent's sandboxes (see `ground.ts`). */
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { discoverRuntimes, findRuntime, type RuntimeSearch } from '../discover-runtimes.ts';
import { knowsSizes } from '../preflight.ts';
import { findBwrap, type ProgramProbe } from '../probe-machine.ts';
import { makeRootTemplate, readableByAll } from '../root-template.ts';
import type { RuntimeCommand } from '../runtime-command.ts';
import { seccompFilter } from '../seccomp-filter.ts';
import { description, type Ground, type GroundWish, type KeptGround, readGround } from './ground.ts';
import { LaunchRefusal } from './launch-refusal.ts';

interface Parts {
  readonly command: RuntimeCommand;
  readonly bwrap: ProgramProbe | undefined;
}

async function findCommand({ agentDirectory, kind }: GroundWish): Promise<RuntimeCommand> {
  const search: RuntimeSearch = {
    runtimeDir: join(agentDirectory, 'runtimes'),
    execPath: process.execPath,
    path: process.env['PATH'] ?? '',
    home: process.env['HOME'] ?? '/',
  };
  const command = await findRuntime(kind, search);
  if (command !== undefined) return command;
  const known = [...(await discoverRuntimes(search)).commands.keys()].join(', ');
  throw new LaunchRefusal(`The kind '${kind}' has no runtime on this agent (there are: ${known}).`);
}

/** Everything but directories. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

function fill(path: string, wish: GroundWish, { command, bwrap }: Parts): void {
  const { agentDirectory, ownUsers, kind } = wish;
  const template = makeRootTemplate({
    root: join(path, 'root'),
    runtimeDir: join(agentDirectory, 'runtimes'),
    commands: [command],
    ownUsers,
  });
  if (ownUsers && !readableByAll(template.path))
    throw new Error(`${template.path} can't be entered by the users of sandboxes`);
  const filters = process.arch === 'x64' || process.arch === 'arm64';
  if (filters) writeFileSync(join(path, 'seccomp.bpf'), seccompFilter(process.arch as 'x64' | 'arm64'));
  const kept: KeptGround = {
    ground: {
      root: 'root',
      ...(bwrap === undefined ? {} : { bwrap: bwrap.path }),
      sizes: bwrap !== undefined && knowsSizes({ bwrap }),
      filters,
      command,
      binds: [...template.binds, ...template.bindsOf(kind)],
    },
    files: filesIn(path).map((file) => relative(path, file)),
  };
  writeFileSync(join(path, description), JSON.stringify(kept));
}

/** Gives it its name, unless another launcher was faster. */
function publish(fresh: string, path: string, uid: number): Ground | undefined {
  try {
    renameSync(fresh, path);
  } catch (error) {
    const winner = readGround(path, uid);
    if (winner !== undefined) {
      rmSync(fresh, { recursive: true, force: true });
      return winner;
    }
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    // Incomplete: what cleans up old files has been there.
    const remains = `${fresh}.old`;
    renameSync(path, remains);
    renameSync(fresh, path);
    rmSync(remains, { recursive: true, force: true });
  }
  return readGround(path, uid);
}

function makeAt(path: string, wish: GroundWish, parts: Parts): Ground | undefined {
  const fresh = mkdtempSync(`${path}.`);
  try {
    chmodSync(fresh, 0o711);
    fill(fresh, wish, parts);
    return publish(fresh, path, wish.uid);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** Makes it under the first of the paths where it can be. Throws {@link LaunchRefusal}. */
export async function makeGround(wish: GroundWish, paths: readonly string[]): Promise<Ground> {
  const [command, bwrap] = await Promise.all([findCommand(wish), findBwrap()]);
  const problems: string[] = [];
  for (const path of paths)
    try {
      const ground = makeAt(path, wish, { command, bwrap });
      if (ground !== undefined) return ground;
      problems.push(`${path} did not stay`);
    } catch (error) {
      problems.push((error as Error).message);
    }
  throw new LaunchRefusal(
    `No directory for the root of sandboxes can be made on this agent: ${problems.join('; ')}`,
  );
}
