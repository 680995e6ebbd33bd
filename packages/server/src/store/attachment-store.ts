/**
 * Action code, apart from the metadata that refer to it. An *attachment* is immutable text under the SHA-256 of
 * its content, so that a write is idempotent and two actions with the same code share it. One that no entity
 * refers to any more is removed by the store in its own time.
 *
 *     const digest = await attachments.write(code);
 *     const code = await attachments.read(digest);
 */
export interface AttachmentStore {
  /** Keeps `code` and returns its digest (hex SHA-256). Durable when it resolves. Idempotent. */
  write(code: string): Promise<string>;
  /** The text under that digest; undefined when it is gone. Idempotent. */
  read(digest: string): Promise<string | undefined>;
}
