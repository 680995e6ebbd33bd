import { existsSync } from 'node:fs';
import { chmod, lchown, mkdir, readdir, symlink } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import type { ProbeResult, ProbeSpec, ContainerLaunch } from '../agent/messages.ts';
import type { WireCommandInfo, WireVolume } from '@vibrissa/mesos/wire';
import type { Clock } from '../base/clock.ts';
import { commandLine, type CommandLine } from './command-line.ts';
import { LaunchRefused, type Container, type ContainerFact } from './container.ts';
import { fetchUris } from './fetch-uris.ts';
import { commandInImage, SANDBOX_IN_IMAGE, type ImageVolume } from './image-root.ts';
import { runProbe } from './probe-process.ts';
import type { ProcessGuard } from './process-guard.ts';
import { runProcess, signalGroup, type Ended, type RunningProcess } from './run-process.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { findUser, maySwitchUser, type SystemUser } from './system-user.ts';
import { taskEnvironment, type AgentPlace } from './task-environment.ts';

const ENTRY_POINT = '/entrypoint';
/** A signal's number above this is how bubblewrap tells of it. */
const SIGNAL_BASE = 128;
const signals: Readonly<Record<number, NodeJS.Signals>> = { 9: 'SIGKILL', 15: 'SIGTERM' };

export interface ContainerSetting {
  readonly launch: ContainerLaunch;
  readonly sandbox: Sandbox;
  readonly agent: AgentPlace;
  /** Directories of images by the name that tasks call them. */
  readonly images: ReadonlyMap<string, string>;
  readonly guard: ProcessGuard;
  /** The machine's own: processes live in real time. */
  readonly clock: Clock;
  readonly tell: (fact: ContainerFact) => void;
  /** Whether a kill has come while it was being prepared. */
  readonly isCancelled: () => boolean;
  /** From here on it can be signalled and probed; before anything is told of it. */
  readonly started: (container: Container) => void;
}

interface Prepared {
  readonly user?: SystemUser;
  readonly image?: { readonly root: string; readonly volumes: readonly ImageVolume[] };
}

/** A task that is a process of this machine: a plain command, one in an image's root, or a member of a group. */
export class ProcessContainer implements Container {
  readonly #setting: ContainerSetting;
  readonly #prepared: Prepared;
  #process: RunningProcess | undefined;
  /** In an image: the group of the task itself, once bubblewrap has told it. */
  #innerGroup: number | undefined;
  #sentSignal = false;

  private constructor(setting: ContainerSetting, prepared: Prepared) {
    this.#setting = setting;
    this.#prepared = prepared;
  }

  /** Rejects with a {@link LaunchRefused}. Starts nothing when a kill comes first. */
  static async launch(setting: ContainerSetting): Promise<void> {
    const prepared = await prepare(setting);
    if (!setting.isCancelled()) await new ProcessContainer(setting, prepared).#start();
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#sentSignal = true;
    if (this.#innerGroup !== undefined) signalGroup(this.#innerGroup, signal);
    else this.#process?.signal(signal);
  }

  probe(check: ProbeSpec, timeoutMs: number): Promise<ProbeResult> {
    const { clock } = this.#setting;
    const startCommand = () => this.#run(check.command, false);
    return runProbe({ clock, host: '127.0.0.1', startCommand }, check, timeoutMs);
  }

  async #start(): Promise<void> {
    const { launch, tell } = this.#setting;
    const { containerId } = launch;
    const started = await this.#run(this.#commandOf(launch.task.command), true);
    if (!started) throw new LaunchRefused('Failed to launch container: the task has no command');
    this.#process = started;
    this.#setting.started(this);
    // A program that could not be started has an executor all the same: this simulator.
    tell({ type: 'container-launched', containerId, executorPid: started.pid ?? process.pid });
    void started.ended.then((ended) => {
      if (this.#innerGroup !== undefined) {
        signalGroup(this.#innerGroup, 'SIGKILL');
        this.#setting.guard.forget(this.#innerGroup);
      }
      tell({ type: 'container-exited', containerId, ...this.#meaning(ended) });
    });
  }

  /** The task's own, else what its image runs: the program `/entrypoint`. */
  #commandOf(command: WireCommandInfo | undefined): WireCommandInfo | undefined {
    const { image } = this.#prepared;
    if (command?.value !== undefined || !image || !existsSync(join(image.root, ENTRY_POINT))) return command;
    return {
      ...command,
      shell: false,
      value: ENTRY_POINT,
      arguments: [ENTRY_POINT, ...(command?.arguments ?? [])],
    };
  }

  /** Bubblewrap tells a signal as a status. */
  #meaning(ended: Ended): Ended {
    const signal = signals[(ended.exitCode ?? 0) - SIGNAL_BASE];
    return this.#prepared.image && this.#sentSignal && signal ? { signal } : ended;
  }

  async #run(command: WireCommandInfo | undefined, isTask: boolean): Promise<RunningProcess | undefined> {
    const line = commandLine(command);
    if (!line) return undefined;
    const { launch, sandbox, agent, guard } = this.#setting;
    const { image, user } = this.#prepared;
    const places = { directory: sandbox.directory, inside: image ? SANDBOX_IN_IMAGE : sandbox.directory };
    const extra = isTask ? [] : (command?.environment?.variables ?? []);
    const program: CommandLine = image ? commandInImage(line, { ...image, sandbox: places }) : line;
    return runProcess({
      command: program,
      directory: sandbox.directory,
      environment: {
        ...taskEnvironment(launch, agent, places),
        ...Object.fromEntries(extra.map(({ name, value }) => [name, value])),
      },
      guard,
      ...(user ? { user } : {}),
      ...(isTask ? { output: sandbox } : {}),
      ...(image ? { onInfo: (text: string) => this.#learnGroup(text, isTask) } : {}),
    });
  }

  #learnGroup(info: string, isTask: boolean): void {
    const pid = Number(/"child-pid":\s*(\d+)/.exec(info)?.[1]);
    if (!isTask || !Number.isInteger(pid)) return;
    this.#innerGroup = pid;
    this.#setting.guard.watch(pid);
  }
}

async function prepare(setting: ContainerSetting): Promise<Prepared> {
  const { launch, sandbox } = setting;
  const user = await chooseUser(launch, sandbox);
  const root = imageRoot(setting);
  await createSandbox(sandbox, launch);
  const { volumes = [] } = launch.task.container ?? {};
  const bound =
    root === undefined ? await linkVolumes(volumes, sandbox) : await findVolumes(volumes, sandbox);
  await fetchUris(launch, sandbox);
  if (user) await giveTo(user, sandbox);
  return { ...(user ? { user } : {}), ...(root === undefined ? {} : { image: { root, volumes: bound } }) };
}

/** Undefined: it runs as who runs the simulator. */
async function chooseUser(launch: ContainerLaunch, sandbox: Sandbox): Promise<SystemUser | undefined> {
  if (!maySwitchUser()) return undefined;
  const user = await findUser(launch.user);
  if (user) return user.uid === 0 ? undefined : user;
  throw new LaunchRefused(
    `Failed to create executor directory '${sandbox.executorDirectory}': Failed to chown directory to '${launch.user}': No such user '${launch.user}'`,
    { dropped: true },
  );
}

/** With what was fetched and unpacked, as Mesos's fetcher leaves it; what links lead to stays whose it is. */
async function giveTo({ uid, gid }: SystemUser, sandbox: Sandbox): Promise<void> {
  const below = await readdir(sandbox.directory, { recursive: true });
  for (const name of ['', ...below]) await lchown(join(sandbox.directory, name), uid, gid);
  await chmod(sandbox.directory, 0o755);
}

function imageRoot({ launch, images }: ContainerSetting): string | undefined {
  const { container } = launch.task;
  const network = container?.network_infos?.find(({ name }) => name !== undefined)?.name;
  if (container?.type === 'MESOS' && network !== undefined) {
    throw new LaunchRefused(`Failed to launch container: Unknown CNI network '${network}'`);
  }
  const image = container?.mesos?.image;
  if (!image) return undefined;
  const name = image.docker?.name ?? '';
  const root = images.get(name);
  if (root !== undefined) return root;
  throw new LaunchRefused(
    `Failed to launch container: Failed to provision image '${name}': the simulator knows ${[...images.keys()].join(', ') || 'no image'}; give it one by --image ${name || 'NAME'}=DIRECTORY`,
  );
}

/** Where a volume's files are; those of the sandbox are made. */
async function sourceOf(volume: WireVolume, sandbox: Sandbox): Promise<string> {
  const source = volume.source as
    | { readonly type?: string; readonly sandbox_path?: { readonly type?: string; readonly path?: string } }
    | undefined;
  const { host_path: hostPath } = volume;
  if (source?.type === 'SANDBOX_PATH' && source.sandbox_path?.path !== undefined) {
    const base = source.sandbox_path.type === 'PARENT' ? sandbox.executorDirectory : sandbox.directory;
    const path = join(base, source.sandbox_path.path);
    await mkdir(path, { recursive: true });
    return path;
  }
  if (hostPath === undefined) {
    throw new LaunchRefused(
      `Failed to launch container: the simulator has only volumes of host paths and sandbox paths, not '${source?.type ?? 'none'}'`,
    );
  }
  const path = isAbsolute(hostPath) ? hostPath : join(sandbox.directory, hostPath);
  await mkdir(path, { recursive: true });
  return path;
}

/** Without an image a volume is a link in the sandbox: nothing of the machine is mounted over. */
async function linkVolumes(volumes: readonly WireVolume[], sandbox: Sandbox): Promise<[]> {
  for (const volume of volumes) {
    if (isAbsolute(volume.container_path)) {
      throw new LaunchRefused(
        `Failed to launch container: the volume '${volume.container_path}' of a task without an image must have a path in its sandbox`,
      );
    }
    await symlink(await sourceOf(volume, sandbox), join(sandbox.directory, volume.container_path));
  }
  return [];
}

async function findVolumes(volumes: readonly WireVolume[], sandbox: Sandbox): Promise<ImageVolume[]> {
  const found: ImageVolume[] = [];
  for (const volume of volumes) {
    const path = volume.container_path;
    found.push({
      source: await sourceOf(volume, sandbox),
      target: isAbsolute(path) ? path : join(SANDBOX_IN_IMAGE, path),
      readOnly: volume.mode === 'RO',
    });
  }
  return found;
}
