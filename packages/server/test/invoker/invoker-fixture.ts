import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  AcknowledgementMessage,
  ActionEntity,
  ActionLimits,
  ActivationMessage,
  ActivationRecord,
  ExecMeta,
  RuntimesManifest,
} from '@vibrissa/protocol';
import { aMessage, anAction, FakeJournal } from '@vibrissa/testkit';
import { systemClock } from '../../src/base/clock.ts';
import { randomIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { noTrails } from '../../src/base/trail.ts';
import { noMetrics, type Metrics } from '../../src/base/metrics.ts';
import { noUserEvents } from '../../src/observability/user-events.ts';
import type { ContainerFactory } from '../../src/containers/container-factory.ts';
import { probeMachine } from '../../src/containers/sandbox/probe-machine.ts';
import { defaultSandboxConfig } from '../../src/containers/sandbox/sandbox-config.ts';
import { SandboxContainerFactory } from '../../src/containers/sandbox/sandbox-container-factory.ts';
import type { InvokerConfig } from '../../src/invoker/invoker-config.ts';
import { Invoker } from '../../src/invoker/invoker.ts';
import { EmbeddedMessageBus } from '../../src/messaging/embedded/embedded-message-bus.ts';
import { topics } from '../../src/messaging/topics.ts';
import { noParameterLocks, type ParameterLocks } from '../../src/parameters/parameter-locks.ts';
import type { ArtifactStore } from '../../src/store/artifact-store.ts';
import { MemoryArtifactStore } from '../../src/store/memory/memory-artifact-store.ts';
import { MemoryAttachmentStore } from '../../src/store/memory/memory-attachment-store.ts';

const runtimeDir = fileURLToPath(new URL('../../../../runtimes', import.meta.url));
const machine = await probeMachine();

export const KIND = 'nodejs:20';

interface FixtureOptions {
  readonly config?: Partial<InvokerConfig>;
  readonly manifest?: RuntimesManifest;
  /** The processes' output is read as if by somebody else (an engine, an agent): only sentinels end the logs. */
  readonly distantLogs?: boolean;
  /** Instead of processes with the Node runtime. */
  readonly factory?: ContainerFactory;
  readonly artifacts?: ArtifactStore;
  readonly parameterLocks?: ParameterLocks;
}

interface ActionOptions {
  readonly name?: string;
  readonly code?: string;
  readonly exec?: Partial<ExecMeta>;
  readonly limits?: Partial<ActionLimits>;
  readonly entity?: Partial<ActionEntity>;
}

/** What an activation came to. */
export interface Outcome {
  readonly record: ActivationRecord;
  readonly result: unknown;
  /** Without their timestamps. */
  readonly logs: readonly string[];
}

function countingMetrics() {
  const counts = new Map<string, number>();
  const metrics: Metrics = {
    counter: (name, label) => {
      const key = label === undefined ? name : `${name}{${label}}`;
      return { add: (by = 1) => void counts.set(key, (counts.get(key) ?? 0) + by) };
    },
    histogram: () => ({ observe() {} }),
    gauge() {},
  };
  const starts = (label: string) => counts.get(`counter_invoker_containerStart_counter_total{${label}}`) ?? 0;
  return { metrics, counts, starts };
}

/** Plain processes, all of kind `nodejs:20`, whichever Node runs the tests. */
function openProcesses(dataDir: string): Promise<ContainerFactory> {
  const node = '/opt/node/node';
  const command = {
    kind: KIND,
    argv: [node, '/runtime/nodejs/runtime.js'],
    binds: [{ host: process.execPath, inside: node }],
  };
  return SandboxContainerFactory.open({
    runtimeDir,
    dataDir,
    apiPort: 3233,
    runtimes: { manifest: { runtimes: {} }, commands: new Map([[KIND, command]]) },
    clock: systemClock,
    logger: silentLogger,
    metrics: noMetrics,
    config: { ...defaultSandboxConfig, plain: true },
    probe: () => Promise.resolve(machine),
  });
}

function keepLogsAtADistance(factory: ContainerFactory): void {
  const create = factory.create.bind(factory);
  factory.create = async (spec, signal) => {
    const container = await create(spec, signal);
    const { id, address, logs, died } = container;
    return {
      id,
      address,
      logs: { listen: (listener) => logs.listen(listener) },
      died,
      destroy: () => container.destroy(),
    };
  };
}

/** An invoker with real processes, the embedded bus, stores in memory and a journal that can fail. */
export async function openInvoker(options: FixtureOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'vbi-'));
  const factory = options.factory ?? (await openProcesses(directory));
  if (options.distantLogs) keepLogsAtADistance(factory);
  const bus = EmbeddedMessageBus.open({ logger: silentLogger });
  const memory = new MemoryArtifactStore();
  const attachments = new MemoryAttachmentStore();
  const journal = new FakeJournal();
  const { metrics, counts, starts } = countingMetrics();
  const acknowledgements: AcknowledgementMessage[] = [];
  const listeners = new Set<() => void>();
  bus.subscribe(topics.completed('0'), { maxInFlight: 1 }, (message) => {
    acknowledgements.push(message);
    for (const listener of listeners) listener();
  });
  const invoker = await Invoker.open({
    id: 0,
    bus,
    factory,
    artifacts: options.artifacts ?? memory,
    attachments,
    journal,
    parameterLocks: options.parameterLocks ?? noParameterLocks,
    clock: systemClock,
    ids: randomIds,
    logger: silentLogger,
    metrics,
    trails: noTrails,
    events: noUserEvents,
    config: { userMemoryMb: 2048, ...options.config },
    manifest: options.manifest ?? { runtimes: {} },
    random: () => 0.5,
  });

  /** Resolves as soon as `found` finds something among the acknowledgements. */
  function acknowledged<T>(found: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const value = found();
        if (value === undefined) return;
        listeners.delete(look);
        resolve(value);
      };
      listeners.add(look);
      look();
    });
  }

  async function createAction(action: ActionOptions = {}) {
    const code = action.code ?? 'function main(args) { return args }';
    const codeDigest = await attachments.write(code);
    const name = action.name ?? 'hello';
    const entity = anAction({
      name,
      exec: { kind: KIND, binary: false, codeDigest, size: code.length, ...action.exec },
      limits: { timeout: 20_000, memory: 256, logs: 10, concurrency: 1, ...action.limits },
      ...action.entity,
    });
    const before = await memory.get('action', 'guest', name);
    const put = await memory.put(entity, before?.revision);
    if (put.outcome !== 'stored') throw new Error('conflict');
    return { action: { namespace: 'guest', name }, revision: put.revision, version: entity.version };
  }

  async function publish(over: Partial<ActivationMessage>): Promise<ActivationMessage> {
    const message = aMessage({ transactionStart: systemClock.now(), ...over });
    await bus.publish(topics.invoker(0), message);
    return message;
  }

  /** Resolves when its slot is free. */
  function completion(activationId: string): Promise<AcknowledgementMessage> {
    return acknowledged(() =>
      acknowledgements.find((ack) =>
        ack.type === 'completion'
          ? ack.activationId === activationId
          : ack.type === 'combined' && ack.record.activationId === activationId,
      ),
    );
  }

  /** Resolves when its slot is free, with its record and logs. */
  async function outcomeOf({ activationId }: ActivationMessage): Promise<Outcome> {
    await completion(activationId);
    const ack = acknowledgements.find(
      (one) => one.type !== 'completion' && one.record.activationId === activationId,
    );
    if (!ack || ack.type === 'completion') throw new Error('It was never answered');
    return {
      record: ack.record,
      result: JSON.parse(ack.record.response.resultJson) as unknown,
      logs: (journal.logs.get(activationId) ?? []).map((line) => line.slice(31)),
    };
  }

  async function invoke(over: Partial<ActivationMessage>): Promise<Outcome> {
    return outcomeOf(await publish(over));
  }

  async function close() {
    await invoker.close();
    await factory.close();
    await bus.close();
    await rm(directory, { recursive: true, force: true });
  }

  const inspect = { journal, acknowledgements, starts, counts, memory, bus, factory };
  return { invoker, createAction, publish, invoke, outcomeOf, completion, close, ...inspect };
}

export type InvokerFixture = Awaited<ReturnType<typeof openInvoker>>;

/** Looks again and again until it is so; the test's own time limit ends it otherwise. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}
