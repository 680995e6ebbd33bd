import { createWriteStream, type WriteStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';

import type { ProbeResult, ProbeSpec } from '../agent/messages.ts';
import type { WireNetworkInfo } from '@vibrissa/mesos/wire';
import { LaunchRefused, type Container } from './container.ts';
import { DockerError, type DockerEngine } from './docker-engine.ts';
import { dockerRequest } from './docker-request.ts';
import { fetchUris } from './fetch-uris.ts';
import { probeHttp, probeTcp, withinTime } from './probes.ts';
import type { ContainerSetting } from './process-container.ts';
import { createSandbox } from './sandbox.ts';

/** What `docker run` ends with when the container can't be started. */
const DOCKER_RUN_FAILED = 125;
const FRAME_HEADER_BYTES = 8;
const STDERR = 2;

interface Inspected {
  readonly NetworkSettings?: {
    readonly IPAddress?: string;
    readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string }>>;
  };
}

function addressOf(inspected: Inspected): string | undefined {
  const { IPAddress: own, Networks: networks = {} } = inspected.NetworkSettings ?? {};
  const all = [own, ...Object.values(networks).map((network) => network.IPAddress)];
  return all.find((address) => address !== undefined && address !== '');
}

/** A task that a Docker Engine runs. */
export class DockerContainer implements Container {
  readonly #engine: DockerEngine;
  readonly #setting: ContainerSetting;
  readonly #id: string;
  #host = '127.0.0.1';

  private constructor(engine: DockerEngine, setting: ContainerSetting, id: string) {
    this.#engine = engine;
    this.#setting = setting;
    this.#id = id;
  }

  /**
   * Pulls, creates and starts. Rejects with a {@link LaunchRefused} as long as there is no executor; a container that
   * then can't be started ends with status 125. Starts nothing when a kill comes first.
   */
  static async launch(engine: DockerEngine, setting: ContainerSetting): Promise<void> {
    const { launch, sandbox, tell } = setting;
    const { containerId } = launch;
    await createSandbox(sandbox, launch);
    await bring(engine, setting);
    if (setting.isCancelled()) return;
    const body = await dockerRequest(launch, sandbox);
    tell({ type: 'executor-started', containerId });
    try {
      const created = await engine.call('POST', `/containers/create?name=mesos-${containerId}`, body);
      await new DockerContainer(engine, setting, (created as { Id: string }).Id).#start();
    } catch (error) {
      await appendFile(sandbox.stderr, `docker: ${error instanceof Error ? error.message : String(error)}\n`);
      tell({ type: 'container-exited', containerId, exitCode: DOCKER_RUN_FAILED });
    }
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    void this.#engine.call('POST', `/containers/${this.#id}/kill?signal=${signal}`).catch(() => {});
  }

  probe(check: ProbeSpec, timeoutMs: number): Promise<ProbeResult> {
    return withinTime(this.#setting.clock, timeoutMs, (signal) => {
      if (check.type === 'HTTP') return probeHttp(check, this.#host, signal);
      if (check.type === 'TCP') return probeTcp(check, this.#host, signal);
      return Promise.race([this.#execute(check), ended(signal)]);
    });
  }

  async #start(): Promise<void> {
    const { launch, tell } = this.#setting;
    await this.#engine.call('POST', `/containers/${this.#id}/start`);
    const inspected = (await this.#engine.call('GET', `/containers/${this.#id}/json`)) as Inspected;
    const address = addressOf(inspected);
    if (address !== undefined) this.#host = address;
    const networks: readonly WireNetworkInfo[] | undefined =
      address === undefined ? undefined : [{ ip_addresses: [{ protocol: 'IPv4', ip_address: address }] }];
    this.#setting.started(this);
    tell({
      type: 'container-launched',
      containerId: launch.containerId,
      data: Buffer.from(`${JSON.stringify([inspected], null, 4)}\n`).toString('base64'),
      ...(networks ? { networkInfos: networks } : {}),
    });
    void this.#follow();
  }

  async #follow(): Promise<void> {
    const { launch, sandbox, tell } = this.#setting;
    const logs = this.#engine
      .open(`/containers/${this.#id}/logs?follow=true&stdout=true&stderr=true`)
      .then((stream) => copyLogs(stream, sandbox))
      .catch(() => {});
    const exitCode = await this.#engine
      .call('POST', `/containers/${this.#id}/wait`)
      .then((answer) => (answer as { StatusCode?: number }).StatusCode ?? 1)
      .catch(() => 1);
    await logs;
    await this.#engine.call('DELETE', `/containers/${this.#id}?force=true`).catch(() => {});
    tell({ type: 'container-exited', containerId: launch.containerId, exitCode });
  }

  async #execute(check: ProbeSpec): Promise<ProbeResult> {
    const { value = 'true', shell = true, arguments: args = [] } = check.command ?? {};
    const created = await this.#engine.call('POST', `/containers/${this.#id}/exec`, {
      Cmd: shell ? ['/bin/sh', '-c', value] : [value, ...args.slice(1)],
      AttachStdout: true,
    });
    const { Id: id } = created as { Id: string };
    await this.#engine.call('POST', `/exec/${id}/start`, { Detach: false });
    const result = (await this.#engine.call('GET', `/exec/${id}/json`)) as { ExitCode?: number };
    return { exitCode: result.ExitCode ?? 1 };
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Fetches what the task wants and has the image there. */
async function bring(engine: DockerEngine, { launch, sandbox }: ContainerSetting): Promise<void> {
  const { image = '', force_pull_image: force = false } = launch.task.container?.docker ?? {};
  await fetchUris(launch, sandbox);
  try {
    if (force || !(await hasImage(engine, image))) await engine.pull(image);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message =
      cause instanceof DockerError
        ? `Failed to run 'docker -H unix://${engine.socketPath} pull ${image}': exited with status 1; stderr='Error response from daemon: ${why}\n'`
        : `there is no Docker Engine at ${engine.socketPath}: ${why}`;
    throw new LaunchRefused(`Failed to launch container: ${message}`, { cause });
  }
}

async function hasImage(engine: DockerEngine, image: string): Promise<boolean> {
  try {
    await engine.call('GET', `/images/${image}/json`);
    return true;
  } catch (error) {
    if (error instanceof DockerError && error.status === 404) return false;
    throw error;
  }
}

/** Frames of eight bytes and text: the first byte says which of the two outputs it is, the last four how long. */
async function copyLogs(
  stream: IncomingMessage,
  files: { readonly stdout: string; readonly stderr: string },
): Promise<void> {
  const stdout = createWriteStream(files.stdout, { flags: 'a' });
  const stderr = createWriteStream(files.stderr, { flags: 'a' });
  let pending = Buffer.alloc(0);
  for await (const piece of stream as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, piece]);
    while (pending.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + pending.readUInt32BE(4);
      if (pending.length < end) break;
      (pending[0] === STDERR ? stderr : stdout).write(pending.subarray(FRAME_HEADER_BYTES, end));
      pending = pending.subarray(end);
    }
  }
  await Promise.all([finish(stdout), finish(stderr)]);
}

function finish(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => stream.end(resolve));
}
