import { errorTexts, type EntityName, type TriggerEntity } from '@vibrissa/protocol';
import { entityPath } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { RequestError } from '../../http/request-error.ts';
import type { ArtifactStore, Stored } from '../../store/artifact-store.ts';
import type { EntityPut } from '../entities/entity-put.ts';
import { missingEntity } from '../entities/missing-entity.ts';
import { Turns } from '../entities/turns.ts';
import { createTrigger, updateTrigger } from './trigger-put.ts';

interface TriggerWritesDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'typeOf' | 'put' | 'delete'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Within a process writers take turns; so often may another process come first. */
const MAX_ATTEMPTS = 10;

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Everything that writes a trigger. A trigger is written by its own PUT and by its rules, whose links lie in it: none of them
 * undoes another's.
 */
export class TriggerWrites {
  readonly #deps: TriggerWritesDeps;
  readonly #turns = new Turns();

  private constructor(deps: TriggerWritesDeps) {
    this.#deps = deps;
  }

  static open(deps: TriggerWritesDeps): TriggerWrites {
    return new TriggerWrites(deps);
  }

  /** Creates or updates. Throws 400 (feed), 409 (it exists, something else has that name, another process was first). */
  put(place: Place, put: EntityPut, overwrite: boolean): Promise<TriggerEntity> {
    return this.#alone(place, async (existing) => {
      const now = this.#deps.clock.now();
      if (existing !== undefined) {
        if (!overwrite) throw new RequestError(409, errorTexts.alreadyExists);
        return this.#store(updateTrigger(existing.entity, put, now), existing.revision);
      }
      if ((await this.#deps.artifacts.typeOf(place.namespace, place.name)) !== undefined) {
        throw new RequestError(409, errorTexts.notInCollection);
      }
      return this.#store(createTrigger(place, put, now), undefined);
    });
  }

  /** Deletes it; its rules stay, inactive. Throws 404 and 409. */
  delete(place: Place): Promise<TriggerEntity> {
    return this.#alone(place, async (existing) => {
      if (existing === undefined) throw await missingEntity(this.#deps.artifacts, place);
      const { outcome } = await this.#deps.artifacts.delete(existing.entity, existing.revision);
      if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
      return existing.entity;
    });
  }

  /**
   * Changes a trigger's links to its rules; a change that returns what it was given writes nothing. Returns the trigger as it
   * is then; undefined when there is none. Throws 409 when other processes came first again and again.
   */
  async changeRules(
    trigger: EntityName,
    change: (rules: TriggerEntity['rules']) => TriggerEntity['rules'],
  ): Promise<TriggerEntity | undefined> {
    const place = { namespace: entityPath(trigger), name: trigger.name };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const changed = await this.#alone(place, async (existing) => {
        if (existing === undefined) return undefined;
        const { entity, revision } = existing;
        const rules = change(entity.rules);
        if (rules === entity.rules) return entity;
        const next = { ...entity, rules };
        const { outcome } = await this.#deps.artifacts.put(next, revision);
        return outcome === 'conflict' ? outcome : next;
      });
      if (changed !== 'conflict') return changed;
    }
    throw new RequestError(409, errorTexts.concurrentModification);
  }

  #alone<T>(
    { namespace, name }: Place,
    work: (existing: Stored<TriggerEntity> | undefined) => Promise<T>,
  ): Promise<T> {
    return this.#turns.alone(`${namespace}/${name}`, async () =>
      work(await this.#deps.artifacts.get('trigger', namespace, name)),
    );
  }

  async #store(entity: TriggerEntity, basedOn: string | undefined): Promise<TriggerEntity> {
    const { outcome } = await this.#deps.artifacts.put(entity, basedOn);
    if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
    return entity;
  }
}
