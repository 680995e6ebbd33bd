import { createHash } from 'node:crypto';

import type { AttachmentStore } from '../attachment-store.ts';

/** Keeps code for the life of the process. Nothing is collected: it lives as long as its tests. */
export class MemoryAttachmentStore implements AttachmentStore {
  readonly #texts = new Map<string, string>();

  async write(code: string): Promise<string> {
    const digest = createHash('sha256').update(code).digest('hex');
    this.#texts.set(digest, code);
    return digest;
  }

  async read(digest: string): Promise<string | undefined> {
    return this.#texts.get(digest);
  }
}
