import { createHash } from 'node:crypto';

import type { Json } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { SYSTEM_NAMESPACE } from '../../controller/invocation/built-in-action.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import { triggerKey } from '../trigger-key.ts';
import type { Webhook } from './webhook.ts';

/** What of the store webhooks need. */
export type WebhookArtifacts = Pick<ArtifactStore, 'get' | 'put' | 'delete' | 'count'>;

function webhookName(key: string): string {
  return `:webhook:${key}`;
}

/** Names lie in clear in the store, contents do not: the address shows only hashed. */
function addressName(token: string): string {
  return `:hook:${createHash('sha256').update(token).digest('hex')}`;
}

/** Webhooks as documents of the system's namespace: one with everything, one that leads there from the address. */
export class WebhookStore {
  readonly #artifacts: WebhookArtifacts;
  readonly #clock: Clock;

  constructor(artifacts: WebhookArtifacts, clock: Clock) {
    this.#artifacts = artifacts;
    this.#clock = clock;
  }

  async get(key: string): Promise<{ readonly webhook: Webhook; readonly revision: string } | undefined> {
    const found = await this.#artifacts.get('document', SYSTEM_NAMESPACE, webhookName(key));
    return found && { webhook: found.entity.content as unknown as Webhook, revision: found.revision };
  }

  async byToken(token: string): Promise<Webhook | undefined> {
    const address = await this.#artifacts.get('document', SYSTEM_NAMESPACE, addressName(token));
    if (!address) return undefined;
    const { key } = address.entity.content as { readonly key: string };
    const webhook = (await this.get(key))?.webhook;
    return webhook?.token === token ? webhook : undefined;
  }

  /** How many a namespace has. */
  count(namespace: string): Promise<number> {
    return this.#artifacts.count({
      entityType: 'document',
      namespace: SYSTEM_NAMESPACE,
      namePrefix: webhookName(triggerKey({ namespace, name: '' })),
      skip: 0,
      limit: 0,
    });
  }

  /** Durable when it resolves. Throws when the webhook has changed since it was read. */
  async put(webhook: Webhook, basedOn: string | undefined): Promise<void> {
    const { namespace, token, trigger } = webhook;
    const key = triggerKey({ namespace, name: trigger });
    await this.#write(webhookName(key), webhook as unknown as Json, basedOn);
    const address = await this.#artifacts.get('document', SYSTEM_NAMESPACE, addressName(token));
    if (!address) await this.#write(addressName(token), { key }, undefined);
  }

  async delete(key: string): Promise<void> {
    const found = await this.#artifacts.get('document', SYSTEM_NAMESPACE, webhookName(key));
    if (!found) return;
    const { token } = found.entity.content as unknown as Webhook;
    const address = await this.#artifacts.get('document', SYSTEM_NAMESPACE, addressName(token));
    if (address) await this.#artifacts.delete(address.entity, address.revision);
    await this.#artifacts.delete(found.entity, found.revision);
  }

  async #write(name: string, content: Json, basedOn: string | undefined): Promise<void> {
    const updated = this.#clock.now();
    const outcome = await this.#artifacts.put(
      { entityType: 'document', namespace: SYSTEM_NAMESPACE, name, updated, content },
      basedOn,
    );
    if (outcome.outcome === 'conflict') throw new Error(`Somebody else has written ${name} meanwhile.`);
  }
}
