import { errorTexts, type ExecMeta } from '@vibrissa/protocol';
import { ClientGoneError } from '../../http/request-context.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall } from '../../http/route.ts';
import type { AttachmentStore } from '../../store/attachment-store.ts';
import { Turns } from '../entities/turns.ts';

type Reader = Pick<AuthenticatedCall, 'identity' | 'context'>;

/**
 * Reads code for whoever asks for an action. It has up to 48 MB, and asking costs nothing: a namespace's code is read for one
 * request after another, so that what is being read doesn't grow with their number. What clients have not taken yet is bounded
 * where answers are sent.
 */
export class CodeReads {
  readonly #attachments: Pick<AttachmentStore, 'read'>;
  readonly #turns = new Turns();

  private constructor(attachments: Pick<AttachmentStore, 'read'>) {
    this.#attachments = attachments;
  }

  static open(attachments: Pick<AttachmentStore, 'read'>): CodeReads {
    return new CodeReads(attachments);
  }

  /** The text of an action's code; undefined when it has none, or when it has gone. Throws when the caller has. */
  async find({ identity, context }: Reader, { codeDigest }: ExecMeta): Promise<string | undefined> {
    if (codeDigest === undefined) return undefined;
    return this.#turns.alone(identity.namespace.name, () => {
      if (context.signal?.aborted === true) throw new ClientGoneError();
      return this.#attachments.read(codeDigest);
    });
  }

  /** The same, where it has to be there. Throws 500 when it isn't. */
  async read(reader: Reader, exec: ExecMeta): Promise<string | undefined> {
    const code = await this.find(reader, exec);
    if (code === undefined && exec.codeDigest !== undefined)
      throw new RequestError(500, errorTexts.corrupted);
    return code;
  }
}
