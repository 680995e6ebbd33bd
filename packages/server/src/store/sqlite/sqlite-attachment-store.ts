import type { AttachmentStore } from '../attachment-store.ts';
import type { ThreadClient } from './thread/thread-client.ts';

/** Code in `entities.db`; what no action refers to any more is deleted after some time. */
export class SqliteAttachmentStore implements AttachmentStore {
  readonly #thread: ThreadClient;

  constructor(thread: ThreadClient) {
    this.#thread = thread;
  }

  write(code: string): Promise<string> {
    return this.#thread.call('attachments.write', code);
  }

  read(digest: string): Promise<string | undefined> {
    return this.#thread.call('attachments.read', digest);
  }
}
