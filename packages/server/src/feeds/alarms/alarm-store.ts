import type { Json } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { SYSTEM_NAMESPACE } from '../../controller/invocation/built-in-action.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import { triggerKey } from '../trigger-key.ts';
import type { Alarm } from './alarm.ts';

const PREFIX = ':alarm:';
const PAGE = 1000;

type Artifacts = Pick<ArtifactStore, 'get' | 'put' | 'delete' | 'list' | 'count'>;

/** An alarm as it was read, to be written back. */
export interface StoredAlarm {
  readonly alarm: Alarm;
  readonly revision: string;
}

/** Alarms as documents of the system's namespace. */
export class AlarmStore {
  readonly #artifacts: Artifacts;
  readonly #clock: Clock;

  constructor(artifacts: Artifacts, clock: Clock) {
    this.#artifacts = artifacts;
    this.#clock = clock;
  }

  async get(key: string): Promise<StoredAlarm | undefined> {
    const found = await this.#artifacts.get('document', SYSTEM_NAMESPACE, `${PREFIX}${key}`);
    return found && { alarm: found.entity.content as unknown as Alarm, revision: found.revision };
  }

  /** Durable when it resolves, with the new revision. Throws when the alarm has changed since it was read. */
  async put(alarm: Alarm, basedOn: string | undefined): Promise<string> {
    const name = `${PREFIX}${triggerKey({ namespace: alarm.namespace, name: alarm.trigger })}`;
    const content = alarm as unknown as Json;
    const outcome = await this.#artifacts.put(
      {
        entityType: 'document',
        namespace: SYSTEM_NAMESPACE,
        name,
        updated: this.#clock.now(),
        content,
      },
      basedOn,
    );
    if (outcome.outcome === 'conflict') throw new Error(`Somebody else has written ${name} meanwhile.`);
    return outcome.revision;
  }

  async delete(key: string): Promise<boolean> {
    const found = await this.#artifacts.get('document', SYSTEM_NAMESPACE, `${PREFIX}${key}`);
    if (!found) return false;
    await this.#artifacts.delete(found.entity, found.revision);
    return true;
  }

  /** How many a namespace has, with those that have ended. */
  count(namespace: string): Promise<number> {
    return this.#artifacts.count({
      entityType: 'document',
      namespace: SYSTEM_NAMESPACE,
      namePrefix: `${PREFIX}${triggerKey({ namespace, name: '' })}`,
      skip: 0,
      limit: 0,
    });
  }

  /** All alarms, or those of a namespace; what is written meanwhile may be missing. */
  async *list(namespace?: string): AsyncGenerator<Alarm> {
    const ofNamespace = namespace === undefined ? '' : triggerKey({ namespace, name: '' });
    for (let skip = 0; ; skip += PAGE) {
      const page = await this.#artifacts.list({
        entityType: 'document',
        namespace: SYSTEM_NAMESPACE,
        namePrefix: `${PREFIX}${ofNamespace}`,
        skip,
        limit: PAGE,
      });
      for (const { content } of page) yield content as unknown as Alarm;
      if (page.length < PAGE) return;
    }
  }
}
