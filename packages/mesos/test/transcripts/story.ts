import { bytesOf, readTranscript, type Transcript, type TranscriptLine } from '@vibrissa/testkit';
import type { MesosEvent, WireOffer, WireTaskInfo, WireTaskStatus } from '../../src/wire/index.ts';

/**
 * What happened between a real master and one framework, as the master's side plays it and the framework's owner
 * causes it: each step waits for what the recorded client did at this place.
 */
export type StoryStep = { readonly t: number } & (
  | { readonly kind: 'subscribe'; readonly label: string; readonly frameworkId: string | undefined }
  | { readonly kind: 'head'; readonly label: string; readonly bytes: Buffer }
  | {
      readonly kind: 'record';
      readonly label: string;
      readonly bytes: Buffer;
      readonly event: MesosEvent;
    }
  /** The end of the response. */
  | { readonly kind: 'last'; readonly label: string }
  /** The connection of the stream is gone. */
  | { readonly kind: 'cut'; readonly label: string }
  | { readonly kind: 'launch'; readonly tasks: readonly WireTaskInfo[]; readonly executorId?: string }
  | { readonly kind: 'kill'; readonly taskId: string }
  | { readonly kind: 'acknowledge'; readonly uuid: string }
  | { readonly kind: 'teardown' }
);

export interface Story {
  readonly name: string;
  readonly frameworkId: string;
  readonly steps: readonly StoryStep[];
  /** One whole offer of each agent by its id, as first made. */
  readonly offers: ReadonlyMap<string, WireOffer>;
}

interface Call {
  readonly type: string;
  readonly framework_id?: { readonly value: string };
  readonly accept?: { readonly operations: readonly Operation[] };
  readonly kill?: { readonly task_id: { readonly value: string } };
  readonly acknowledge?: { readonly uuid: string };
}

interface Operation {
  readonly launch?: { readonly task_infos: readonly WireTaskInfo[] };
  readonly launch_group?: {
    readonly executor: { readonly executor_id: { readonly value: string } };
    readonly task_group: { readonly tasks: readonly WireTaskInfo[] };
  };
}

/** The story of the framework that subscribes first. */
export function storyOf(name: string): Story {
  const transcript = readTranscript(name);
  const frameworkId = firstFramework(transcript);
  const teller = new StoryTeller(frameworkId);
  for (const line of transcript.lines) teller.take(line);
  return { name: transcript.name, frameworkId, steps: teller.steps, offers: teller.offers };
}

/** The updates of a task in order, without repetitions. */
export function updatesOf(steps: readonly StoryStep[], taskId: string): WireTaskStatus[] {
  const uuids = new Set<string>();
  return updates(steps)
    .filter((status) => status.task_id.value === taskId)
    .filter(({ uuid }) => {
      const isNew = uuid === undefined || !uuids.has(uuid);
      if (uuid !== undefined) uuids.add(uuid);
      return isNew;
    });
}

/** All statuses, repetitions among them. */
export function updates(steps: readonly StoryStep[]): WireTaskStatus[] {
  return steps.flatMap((step) =>
    step.kind === 'record' && step.event.type === 'UPDATE' ? [step.event.update.status] : [],
  );
}

function firstFramework(transcript: Transcript): string {
  for (const line of transcript.lines) {
    if (line.kind !== 'record' || !line.data?.includes('"SUBSCRIBED"')) continue;
    const event = JSON.parse(line.data) as MesosEvent;
    if (event.type === 'SUBSCRIBED' && 'framework_id' in event.subscribed) {
      return event.subscribed.framework_id.value;
    }
  }
  throw new Error(`Nobody subscribes in ${transcript.name}.`);
}

class StoryTeller {
  readonly steps: StoryStep[] = [];
  readonly offers = new Map<string, WireOffer>();
  readonly #frameworkId: string;
  /** Streams of the framework; the first one is known by its place. */
  readonly #streams = new Set<string>();
  #subscribed = false;

  constructor(frameworkId: string) {
    this.#frameworkId = frameworkId;
  }

  take(line: TranscriptLine): void {
    if (line.kind === 'request') return this.#request(line);
    if (line.conn === undefined || !this.#streams.has(line.conn)) return;
    const at = { t: line.t, label: line.conn };
    if (line.kind === 'response') this.#response(line);
    else if (line.kind === 'record') {
      const event = JSON.parse(line.data ?? '') as MesosEvent;
      this.#noteOffers(event);
      this.steps.push({ ...at, kind: 'record', bytes: bytesOf(line), event });
    } else if (line.kind === 'last') this.steps.push({ ...at, kind: 'last' });
    else if (line.kind === 'closed') {
      this.#streams.delete(line.conn);
      this.steps.push({ ...at, kind: 'cut' });
    }
  }

  /** A SUBSCRIBE that is redirected is none of this master. */
  #response(line: Extract<TranscriptLine, { kind: 'response' }>): void {
    if (line.line.includes('307')) {
      this.steps.pop();
      this.#streams.delete(line.conn);
      this.#subscribed = false;
      return;
    }
    const head = [line.line, ...line.headers.map(([name, value]) => `${name}: ${value}`), '', ''];
    this.steps.push({ t: line.t, kind: 'head', label: line.conn, bytes: Buffer.from(head.join('\r\n')) });
  }

  #request(line: Extract<TranscriptLine, { kind: 'request' }>): void {
    if (!line.path.endsWith('/api/v1/scheduler') || !line.data?.startsWith('{')) return;
    const call = JSON.parse(line.data) as Call;
    const isFirst = call.type === 'SUBSCRIBE' && !this.#subscribed;
    if (!isFirst && call.framework_id?.value !== this.#frameworkId) return;
    if (call.type === 'SUBSCRIBE') {
      this.#subscribed = true;
      this.#streams.add(line.conn);
      this.steps.push({
        t: line.t,
        kind: 'subscribe',
        label: line.conn,
        frameworkId: call.framework_id?.value,
      });
    } else this.#call(line.t, call);
  }

  #call(t: number, call: Call): void {
    for (const operation of call.accept?.operations ?? []) this.#operation(t, operation);
    if (call.kill) this.steps.push({ t, kind: 'kill', taskId: call.kill.task_id.value });
    if (call.acknowledge) this.steps.push({ t, kind: 'acknowledge', uuid: call.acknowledge.uuid });
    if (call.type === 'TEARDOWN') this.steps.push({ t, kind: 'teardown' });
  }

  #operation(t: number, { launch, launch_group: group }: Operation): void {
    if (launch) this.steps.push({ t, kind: 'launch', tasks: launch.task_infos });
    if (group) {
      const executorId = group.executor.executor_id.value;
      this.steps.push({ t, kind: 'launch', tasks: group.task_group.tasks, executorId });
    }
  }

  #noteOffers(event: MesosEvent): void {
    if (event.type !== 'OFFERS') return;
    for (const offer of event.offers.offers) {
      const { value } = offer.agent_id;
      if (!this.offers.has(value) && offer.resources.some(({ name }) => name === 'ports')) {
        this.offers.set(value, offer);
      }
    }
  }
}
