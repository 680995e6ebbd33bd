import { createHash } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { AttachmentStore } from './attachment-store.ts';

/** An empty store, and how to close it. */
export interface OpenedAttachmentStore {
  readonly store: AttachmentStore;
  close?(): Promise<void>;
}

/** What every attachment store promises. */
export function describeAttachmentStore(name: string, open: () => Promise<OpenedAttachmentStore>): void {
  describe(`${name} keeps code`, () => {
    let opened: OpenedAttachmentStore;
    let store: AttachmentStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('files code under the SHA-256 of its UTF-8 bytes', async () => {
      const code = 'function main() { return { greeting: "grüß 🐭" }; }';
      const digest = await store.write(code);
      expect(digest).toBe(createHash('sha256').update(code).digest('hex'));
      expect(await store.read(digest)).toBe(code);
    });

    it('writes the same code twice under one digest', async () => {
      expect(await store.write('x')).toBe(await store.write('x'));
    });

    it('keeps empty code apart from missing code', async () => {
      expect(await store.read(await store.write(''))).toBe('');
      expect(await store.read('0'.repeat(64))).toBeUndefined();
    });

    it('keeps a zip of some megabytes in base64 as it was', async () => {
      const code = Buffer.alloc(3_000_000, 7).toString('base64');
      expect(await store.read(await store.write(code))).toBe(code);
    });
  });
}
