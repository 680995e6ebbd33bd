import type { HttpAsker, HttpReply } from './http-asker.ts';
import { SandboxError } from './sandbox-error.ts';
import { agentOrigin, sandboxPath, type SandboxPlace } from './sandbox-path.ts';

/** An agent gives at most 16 pages of memory at a time. */
export const pageBytes = 65_536;

/** A page in JSON, whose bytes may each take six characters (`\u0000`), and what stands around it. */
const maxReplyBytes = pageBytes * 6 + 1024;

/** What a server writes for bytes that are no UTF-8, if it doesn't write them as they are. */
const replacement = Buffer.from('\ufffd');

export interface SandboxPage {
  readonly bytes: Buffer;
  /** Where the next page begins: not always `offset + bytes.length`, for a server that has replaced bytes. */
  readonly nextOffset: number;
}

interface ReadAnswer {
  readonly data?: unknown;
  readonly offset?: unknown;
}

/** One that can be counted on from: beyond it adding a byte changes nothing. */
function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * One file of a sandbox, as its agent serves it. Offsets count bytes. All methods reject with a {@link SandboxError},
 * or with the signal's reason.
 */
export class SandboxFile {
  readonly #http: HttpAsker;
  readonly #origin: string;
  readonly #path: string;

  constructor(http: HttpAsker, place: SandboxPlace, file: string) {
    this.#http = http;
    this.#origin = agentOrigin(place.agentUrl);
    this.#path = sandboxPath(place, file);
  }

  /** Its length now. */
  async size(signal?: AbortSignal): Promise<number> {
    const { offset } = await this.#read(-1, undefined, signal);
    return offset;
  }

  /** At most `length` bytes from an offset; none at the end and beyond it. */
  async page(offset: number, length: number, signal?: AbortSignal): Promise<SandboxPage> {
    const wanted = Math.min(length, pageBytes);
    const { bytes } = await this.#read(offset, wanted, signal);
    const isReplaced = bytes.length > wanted || bytes.includes(replacement);
    const exact = isReplaced ? await this.#readExactly(offset, wanted, signal) : bytes;
    if (exact && exact.length > wanted) throw this.#garbage('it gives more bytes than it was asked for');
    const kept = exact ?? bytes;
    return { bytes: kept, nextOffset: offset + Math.min(kept.length, wanted) };
  }

  async #read(
    offset: number,
    length: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly bytes: Buffer; readonly offset: number }> {
    const query = new URLSearchParams({ path: this.#path, offset: String(offset) });
    if (length !== undefined) query.set('length', String(length));
    const reply = await this.#ask(`/files/read?${query}`, undefined, signal);
    this.#demandSuccess(reply);
    // Mesos copies a file's bytes into JSON as they are, UTF-8 or not; as Latin 1 each is a character.
    const answer = this.#parse(reply.body.toString('latin1')) as ReadAnswer;
    if (typeof answer.data !== 'string' || !isOffset(answer.offset)) {
      throw this.#garbage('its answer has no data');
    }
    const isElsewhere = offset >= 0 && answer.data !== '' && answer.offset !== offset;
    if (isElsewhere) throw this.#garbage(`asked for byte ${offset}, it gives byte ${answer.offset}`);
    return { bytes: Buffer.from(answer.data, 'latin1'), offset: answer.offset };
  }

  /** The same by the agent's v1 API, where bytes travel in Base64; undefined when that can't be had. */
  async #readExactly(
    offset: number,
    length: number,
    signal: AbortSignal | undefined,
  ): Promise<Buffer | undefined> {
    const call = { type: 'READ_FILE', read_file: { path: this.#path, offset, length } };
    const reply = await this.#ask('/api/v1', call, signal);
    if (reply.status !== 200) return undefined;
    const answer = this.#parse(reply.body.toString()) as { readonly read_file?: { readonly data?: unknown } };
    const data = answer.read_file?.data ?? '';
    return typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
  }

  async #ask(path: string, body: unknown, signal: AbortSignal | undefined): Promise<HttpReply> {
    try {
      return await this.#http.ask({
        origin: this.#origin,
        path,
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
        maxBytes: maxReplyBytes,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      if (error instanceof Error && error.name === 'ReplyTooLong') throw this.#garbage(error.message);
      const why = error instanceof Error ? error.message : String(error);
      throw new SandboxError('SANDBOX_UNREACHABLE', `The agent at ${this.#origin} can't be reached: ${why}`, {
        cause: error,
      });
    }
  }

  #demandSuccess({ status, body }: HttpReply): void {
    if (status === 200) return;
    if (status === 404) {
      throw new SandboxError('SANDBOX_NOT_FOUND', `The agent at ${this.#origin} has no file ${this.#path}`);
    }
    const text = this.#http.readable(body.toString());
    const said = text === '' ? `${status}` : `${status}: ${text}`;
    if (status === 401 || status === 403) {
      const mend = 'give credentials that the agent lets read sandboxes';
      throw new SandboxError('SANDBOX_DENIED', `The agent at ${this.#origin} answers ${said}; ${mend}`);
    }
    throw new SandboxError('SANDBOX_REFUSED', `The agent at ${this.#origin} answers ${said}`);
  }

  #parse(json: string): object {
    try {
      const value: unknown = JSON.parse(json);
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // Told below: a page of HTML and half an answer are the same to whoever reads a log.
    }
    throw this.#garbage('its answer is no JSON object');
  }

  #garbage(problem: string): SandboxError {
    return new SandboxError(
      'SANDBOX_GARBAGE',
      `What listens at ${this.#origin} is no Mesos agent: ${problem}`,
    );
  }
}
