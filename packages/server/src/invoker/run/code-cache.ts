import { LRUCache } from 'lru-cache';
import type { AttachmentStore } from '../../store/attachment-store.ts';

const MAX_CHARACTERS = 64 * 1024 * 1024;

/** Code as `/init` wants it: a JSON text. Encoding megabytes of it anew for every cold start would cost more than the start. */
export class CodeCache {
  readonly #attachments: AttachmentStore;
  readonly #texts = new LRUCache<string, string>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (text) => text.length,
  });

  private constructor(attachments: AttachmentStore) {
    this.#attachments = attachments;
  }

  static open(attachments: AttachmentStore): CodeCache {
    return new CodeCache(attachments);
  }

  /** The JSON text of an attachment; undefined without a digest. Throws when the code is gone. */
  async json(digest: string | undefined): Promise<string | undefined> {
    if (digest === undefined) return undefined;
    const known = this.#texts.get(digest);
    if (known !== undefined) return known;
    const code = await this.#attachments.read(digest);
    if (code === undefined) throw new Error(`The code ${digest} is not in the attachment store`);
    const text = JSON.stringify(code);
    this.#texts.set(digest, text);
    return text;
  }
}
