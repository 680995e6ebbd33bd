import { readEvent } from '../wire/read-event.ts';
import { RecordIoDecoder, type MesosEvent } from '../wire/index.ts';

export interface EventReaderOptions {
  readonly maxRecordBytes: number;
  readonly onEvent: (event: MesosEvent) => void;
  /** The bytes are no master's stream. Told once; then nothing more. */
  readonly onGarbage: (error: Error) => void;
}

/**
 * Bytes of a subscription's stream → events, in order. When paused it keeps what the last bytes held and tells no
 * event; whoever feeds it then stops reading.
 *
 * The operator API, which answers 200 to a SUBSCRIBE at a mistyped path, also sends records: so the first event must be
 * what a scheduler's stream begins with.
 */
export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #decoder: RecordIoDecoder;
  #records: Buffer[] = [];
  #next = 0;
  #isFirst = true;
  #isTelling = false;
  #isPaused = false;
  #isStopped = false;

  constructor(options: EventReaderOptions) {
    this.#options = options;
    this.#decoder = new RecordIoDecoder(options);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Everything that was pushed has been told. */
  get isDrained(): boolean {
    return this.#isStopped || this.#next === this.#records.length;
  }

  /** A record has begun and its end has not come. */
  get isWithinRecord(): boolean {
    return this.#decoder.isWithinRecord;
  }

  push(bytes: Uint8Array): void {
    const records = this.#decoder.push(bytes);
    if (this.isDrained) {
      this.#records = records;
      this.#next = 0;
    } else this.#records = this.#records.concat(records);
    this.#tell();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#tell();
  }

  /** Tells nothing any more. */
  stop(): void {
    this.#isStopped = true;
    this.#records = [];
    this.#next = 0;
  }

  #tell(): void {
    // A handler that resumes calls this again: the loop below goes on by itself.
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      while (!this.#isPaused && !this.isDrained) this.#tellOne(this.#records[this.#next++]);
    } finally {
      this.#isTelling = false;
    }
    if (this.isDrained && this.#decoder.error) this.#fail(this.#decoder.error);
  }

  #tellOne(record: Buffer | undefined): void {
    if (!record || record.length === 0) return;
    let event: MesosEvent | undefined;
    try {
      event = readEvent(record.toString());
      if (this.#isFirst) expectBeginning(event);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#isFirst = false;
    if (event) this.#options.onEvent(event);
  }

  #fail(error: Error): void {
    if (this.#isStopped) return;
    this.stop();
    this.#options.onGarbage(error);
  }
}

function expectBeginning(event: MesosEvent | undefined): void {
  if (event?.type === 'SUBSCRIBED' || event?.type === 'ERROR') return;
  throw new Error(`its first event is ${event?.type ?? 'of an unknown type'} and not SUBSCRIBED or ERROR`);
}
