import type { Clock, RandomSource, ReplicatedMap } from '@vibrissa/cluster';
import type { MesosOperator, MesosScheduler } from '@vibrissa/mesos';

import { pause } from '../base/pause.ts';
import { readLabels, type ClusterLabels } from '../mesos/cluster-labels.ts';
import { asJson, recordOf, wishOf } from '../shared/entries.ts';
import type { FrameworkClaim } from '../shared/framework-entries.ts';
import { keyOf } from '../shared/keys.ts';
import { isPassing } from '../shared/map-errors.ts';
import { adoptedWish } from './claim-framework.ts';

const AGAIN_MS = 5000;

export interface StrayTasksDeps {
  readonly map: ReplicatedMap;
  readonly scheduler: MesosScheduler;
  readonly operator: MesosOperator;
  readonly frameworkId: string;
  readonly cluster: string;
  readonly claim: FrameworkClaim;
  readonly epoch: number;
  readonly member: string;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly signal: AbortSignal;
  /** Tasks under this framework's id that some other program has launched: they are left alone. */
  readonly onForeign: (ids: readonly string[]) => void;
}

/**
 * Decides about tasks that run and that nobody wishes for. What this cluster has launched and nobody wants is killed.
 * What a cluster has launched that lost everything since, before the framework was found again, is wanted still: nobody
 * can say that it isn't. What bears no mark of this cluster is somebody else's.
 */
export class StrayTasks {
  readonly #deps: StrayTasksDeps;
  readonly #unclear = new Set<string>();
  readonly #foreign = new Set<string>();
  #isAsking = false;

  constructor(deps: StrayTasksDeps) {
    this.#deps = deps;
  }

  add(ids: readonly string[]): void {
    const { map } = this.#deps;
    for (const id of ids) {
      const record = recordOf(map, id).value;
      // Only what was launched by way of the map has a spec.
      if (record?.spec) this.#kill(id);
      else if (record && !this.#foreign.has(id)) this.#unclear.add(id);
    }
    void this.#ask();
  }

  /** Only the master knows the labels of what was not launched from here. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { clock, signal } = this.#deps;
    while (this.#unclear.size > 0 && !signal.aborted) {
      try {
        await this.#decide([...this.#unclear]);
      } catch {
        await pause(clock, AGAIN_MS, signal);
      }
    }
    this.#isAsking = false;
  }

  async #decide(ids: readonly string[]): Promise<void> {
    const { operator, frameworkId, signal, cluster, map } = this.#deps;
    const { pending, tasks, unreachable } = await operator.getTasks(frameworkId, signal);
    const labels = new Map(
      [...unreachable, ...pending, ...tasks].map((task) => [task.task_id.value, readLabels(task.labels)]),
    );
    for (const id of ids) {
      this.#unclear.delete(id);
      const record = recordOf(map, id).value;
      // It has ended, or somebody wants it by now.
      if (!record || wishOf(map, id).value) continue;
      const mark = labels.get(record.mesosTaskId);
      if (mark?.name !== cluster) this.#foreign.add(id);
      else if (this.#isOfFormerCluster(mark)) await this.#adopt(id);
      else this.#kill(id);
    }
    if (this.#foreign.size > 0) this.#deps.onForeign([...this.#foreign]);
  }

  #isOfFormerCluster({ epoch }: ClusterLabels): boolean {
    const { claim } = this.#deps;
    return claim.origin === 'found' && epoch < claim.epoch;
  }

  async #adopt(id: string): Promise<void> {
    const { map, epoch, member, clock, random } = this.#deps;
    const key = keyOf('wanted', id);
    const wish = asJson(adoptedWish({ member, epochMs: clock.now(), random }));
    try {
      await map.write({ epoch, if: [{ key, version: 0 }], put: { [key]: wish } });
    } catch (error) {
      if (isPassing(error)) this.#unclear.add(id);
    }
  }

  #kill(id: string): void {
    // It goes on until Mesos tells the end; a successor goes on with it.
    this.#deps.scheduler.delete(id).catch(() => {});
  }
}
