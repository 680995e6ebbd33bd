import type { TaskUpdate } from '../../src/scheduler/core-messages.ts';
import { MesosScheduler } from '../../src/scheduler/mesos-scheduler.ts';
import type { TaskHandle } from '../../src/scheduler/task-handle.ts';
import type { TaskSpec } from '../../src/tasks/task-spec.ts';
import type { WireTaskInfo } from '../../src/wire/index.ts';
import { StoryMaster, type SeenCall, type SeenSubscription } from './story-master.ts';
import type { Story, StoryStep } from './story.ts';

/** What became of a submitted task, as its owner has it. */
export interface TaskResult {
  readonly ran: boolean;
  /** The state of its end, or the code of the error that stands for it; absent while it is open. */
  readonly end?: string;
}

export interface PlayedStory {
  readonly told: readonly TaskUpdate[];
  readonly notices: readonly string[];
  readonly calls: readonly SeenCall[];
  readonly subscriptions: readonly SeenSubscription[];
  readonly results: Readonly<Record<string, TaskResult>>;
  /** What each deletion came to, by task id. */
  readonly deletions: Readonly<Record<string, string>>;
  /** Steps that were played, up to the end of the framework. */
  readonly steps: readonly StoryStep[];
}

/** Plays the master of a story to a real scheduler, whose owner submits and deletes what the recorded one did. */
export async function playStory(story: Story): Promise<PlayedStory> {
  const player = await StoryPlayer.open(story);
  try {
    return await player.play();
  } finally {
    await player.close();
  }
}

type Step<Kind extends StoryStep['kind']> = Extract<StoryStep, { kind: Kind }>;

class StoryPlayer {
  readonly #story: Story;
  readonly #master: StoryMaster;
  readonly #scheduler: MesosScheduler;
  readonly #told: TaskUpdate[];
  readonly #notices: string[];
  readonly #handles = new Map<string, TaskHandle>();
  readonly #results = new Map<string, { ran: boolean; end?: string }>();
  readonly #deletions = new Map<string, string>();
  readonly #played: StoryStep[] = [];
  #lastResults: Readonly<Record<string, TaskResult>> = {};
  readonly #uuids = new Set<string>();
  /** Agents whose last offer named a planned maintenance: this client launches nothing there. */
  readonly #inMaintenance = new Set<string>();

  private constructor(
    story: Story,
    { master, scheduler }: { master: StoryMaster; scheduler: MesosScheduler },
    heard: { told: TaskUpdate[]; notices: string[] },
  ) {
    this.#story = story;
    this.#master = master;
    this.#scheduler = scheduler;
    this.#told = heard.told;
    this.#notices = heard.notices;
  }

  static async open(story: Story): Promise<StoryPlayer> {
    const master = await StoryMaster.open(story.offers);
    const heard = { told: [] as TaskUpdate[], notices: [] as string[] };
    const roles = [...story.offers.values()].map((offer) => offer.allocation_info?.role ?? '*');
    const scheduler = await MesosScheduler.open({
      masters: master.url,
      framework: { name: story.name, roles: [...new Set(roles)] },
      timeouts: { backoffMinMs: 1, backoffMaxMs: 10 },
      onTask: (update) => void heard.told.push(update),
      onNotice: (notice) => void heard.notices.push(notice.kind),
    });
    return new StoryPlayer(story, { master, scheduler }, heard);
  }

  async play(): Promise<PlayedStory> {
    const subscribed = this.#scheduler.subscribe();
    const { steps } = this.#story;
    for (const [index, step] of steps.entries()) {
      this.#played.push(step);
      if (step.kind === 'teardown') {
        await this.#tearDown();
        return this.#result(subscribed);
      }
      const isLast = !steps.slice(index + 1).some((each) => each.kind === 'subscribe');
      if (step.kind === 'cut' && isLast) break;
      await this.#playStep(step);
    }
    await this.#settled();
    return this.#result(subscribed);
  }

  async close(): Promise<void> {
    await this.#scheduler.close();
    await this.#master.close();
  }

  async #result(subscribed: Promise<string>): Promise<PlayedStory> {
    await subscribed;
    return {
      told: this.#told,
      notices: this.#notices,
      calls: this.#master.calls,
      subscriptions: this.#master.subscriptions,
      results: this.#lastResults,
      deletions: Object.fromEntries(this.#deletions),
      steps: this.#played,
    };
  }

  async #playStep(step: StoryStep): Promise<void> {
    if (step.kind === 'subscribe') return this.#subscribe(step);
    if (step.kind === 'head') return this.#master.begin(step.bytes);
    if (step.kind === 'record') return this.#record(step);
    if (step.kind === 'last') return this.#master.end();
    if (step.kind === 'cut') return this.#master.cut();
    if (step.kind === 'launch') return this.#launch(step);
    if (step.kind === 'kill') return this.#kill(step);
    if (step.kind === 'acknowledge') return this.#acknowledged(step.uuid);
    return undefined;
  }

  async #subscribe(step: Step<'subscribe'>): Promise<void> {
    const call = await this.#master.subscribed();
    if (call.framework_id?.value !== step.frameworkId) {
      throw new Error(`SUBSCRIBE names ${call.framework_id?.value}, not ${step.frameworkId}.`);
    }
  }

  #record({ event, bytes }: Step<'record'>): void {
    if (event.type === 'UPDATE' && event.update.status.uuid !== undefined) {
      this.#uuids.add(event.update.status.uuid);
    }
    for (const { agent_id: agent, unavailability } of event.type === 'OFFERS' ? event.offers.offers : []) {
      if (unavailability) this.#inMaintenance.add(agent.value);
      else this.#inMaintenance.delete(agent.value);
    }
    this.#master.say(bytes);
  }

  /** Submits what a program would; then there are offers, so that it is launched. */
  async #launch({ tasks, executorId }: Step<'launch'>): Promise<void> {
    if (!this.#master.isSubscribed) return;
    await this.#heardAll();
    const ids = tasks.map((task) => task.task_id.value);
    const launchable = tasks.filter(
      (task) =>
        this.#canSubmit(task) && ids.indexOf(task.task_id.value) === ids.lastIndexOf(task.task_id.value),
    );
    const specs = launchable.map((task) => this.#specOf(task, executorId !== undefined));
    const handles =
      executorId === undefined
        ? specs.map((spec) => this.#scheduler.submit(spec))
        : specs.length === tasks.length && specs.length > 0
          ? this.#scheduler.submitGroup({ id: executorId, tasks: specs }).tasks
          : [];
    for (const handle of handles) this.#follow(handle);
    if (handles.length === 0) return;
    this.#master.offerAll();
    for (const { id } of handles) {
      const mark = `"task_id":{"value":${JSON.stringify(id)}}`;
      await this.#master.called(
        (call) => call.type === 'ACCEPT' && JSON.stringify(call).includes(mark),
        `ACCEPT that launches ${id}`,
      );
    }
  }

  #follow(handle: TaskHandle): void {
    const result: { ran: boolean; end?: string } = { ran: false };
    this.#handles.set(handle.id, handle);
    this.#results.set(handle.id, result);
    void handle.running.then(
      () => (result.ran = true),
      () => undefined,
    );
    void handle.ended.then(
      ({ state }) => (result.end = state),
      (error: { code: string }) => (result.end = error.code),
    );
  }

  /** What no program could ask this client for is left to the recorded one; its updates are those of a stranger. */
  #canSubmit(task: WireTaskInfo): boolean {
    return (
      task.command !== undefined &&
      task.executor === undefined &&
      /^[^/]+$/.test(task.task_id.value) &&
      !this.#handles.has(task.task_id.value) &&
      this.#story.offers.has(task.agent_id.value) &&
      !this.#inMaintenance.has(task.agent_id.value)
    );
  }

  /** The recorded agent, and sizes that fit its offers: how large a task was is not the story. */
  #specOf(task: WireTaskInfo, isInGroup: boolean): TaskSpec {
    const { command, container } = task;
    const offer = this.#story.offers.get(task.agent_id.value);
    const role = offer?.allocation_info?.role;
    const image = container?.docker?.image;
    return {
      id: task.task_id.value,
      cpus: 0.05,
      memoryMb: 16,
      ...(role === undefined ? {} : { role }),
      command:
        command?.shell === false
          ? { program: command.value ?? 'true', arguments: (command.arguments ?? []).slice(1) }
          : (command?.value ?? 'true'),
      ...(image === undefined ? {} : { image: { name: image, network: 'host' as const } }),
      ...(isInGroup
        ? {}
        : {
            constraints: [
              { attribute: 'hostname', operator: 'EQUALS' as const, value: offer?.hostname ?? '' },
            ],
          }),
    };
  }

  async #kill({ taskId }: Step<'kill'>): Promise<void> {
    const result = this.#results.get(taskId);
    if (!result || result.end !== undefined) return;
    const isUnreachable =
      this.#told.findLast((each) => each.taskId === taskId)?.status.state === 'TASK_UNREACHABLE';
    if (!this.#deletions.has(taskId)) {
      this.#deletions.set(taskId, 'open');
      void this.#scheduler.delete(taskId).then(
        ({ kind }) => this.#deletions.set(taskId, kind),
        (error: { code: string }) => this.#deletions.set(taskId, error.code),
      );
    }
    if (isUnreachable) return;
    const isKill = (call: SeenCall) =>
      call.type === 'KILL' && (call['kill'] as { task_id: { value: string } }).task_id.value === taskId;
    await this.#master.called(isKill, `KILL of ${taskId}`);
  }

  async #acknowledged(uuid: string): Promise<void> {
    if (!this.#uuids.has(uuid)) return;
    await this.#master.called((call) => uuidOf(call) === uuid, `ACKNOWLEDGE of ${uuid}`);
  }

  /** The scheduler has read everything that was said: an executor's message comes last, and is told as a notice. */
  async #heardAll(): Promise<void> {
    const before = this.#notices.filter((kind) => kind === 'event').length;
    const [agentId = ''] = this.#story.offers.keys();
    const message = { agent_id: { value: agentId }, executor_id: { value: 'story' }, data: '' };
    this.#master.say(Buffer.from(JSON.stringify({ type: 'MESSAGE', message })));
    const heard = () => (this.#notices.filter((kind) => kind === 'event').length > before ? true : undefined);
    await this.#master.waitFor(heard, 'notice of a message');
  }

  /** All that was said has been acknowledged; what became of the tasks is noted before the framework goes. */
  async #settled(): Promise<void> {
    for (const uuid of this.#uuids) await this.#acknowledged(uuid);
    if (this.#master.isSubscribed) await this.#heardAll();
    this.#lastResults = Object.fromEntries(
      [...this.#results].map(([id, result]): [string, TaskResult] => [id, { ...result }]),
    );
  }

  async #tearDown(): Promise<void> {
    await this.#settled();
    await this.#scheduler.teardown();
  }
}

/** Which update an ACKNOWLEDGE is for. */
export function uuidOf(call: SeenCall): string | undefined {
  return call.type === 'ACKNOWLEDGE' ? (call['acknowledge'] as { uuid: string }).uuid : undefined;
}
