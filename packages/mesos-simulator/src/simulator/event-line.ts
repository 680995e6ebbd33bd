import type { Clock } from '../base/clock.ts';
import type { Fault } from '../faults/fault.ts';
import type { FaultRules } from '../faults/fault-rules.ts';
import { FaultyLine } from '../faults/faulty-line.ts';
import type { RecordStream } from '../http/record-stream.ts';

/** A record of a stream, as far as faults look at it. */
export interface StreamEvent {
  readonly type: string;
}

type Item = { readonly kind: 'event'; readonly event: StreamEvent } | { readonly kind: 'end' };

export interface EventLineOptions {
  readonly clock: Clock;
  /** Absent: of an operator's stream, on which nothing goes wrong. */
  readonly rules?: FaultRules;
  /** The master's side is to think that the client has gone. */
  readonly onBroken: () => void;
}

/** The way of a stream's events to its client, with what can go wrong there. */
export class EventLine {
  readonly #options: EventLineOptions;
  readonly #line: FaultyLine<Item>;
  #stream: RecordStream | undefined;
  #frameworkId: string | undefined;
  #isHalfOpen = false;

  constructor(options: EventLineOptions) {
    this.#options = options;
    this.#line = new FaultyLine<Item>({
      clock: options.clock,
      strike: (item) => this.#strike(item),
      deliver: (item) => this.#write(item),
      other: (fault, item) => this.#spoil(fault, item),
    });
  }

  attach(stream: RecordStream): void {
    this.#stream = stream;
  }

  send(event: StreamEvent): void {
    const { subscribed } = event as { subscribed?: { framework_id?: { value: string } } };
    this.#frameworkId ??= subscribed?.framework_id?.value;
    this.#line.send({ kind: 'event', event });
  }

  end(): void {
    this.#line.send({ kind: 'end' });
  }

  /** The client has gone; of a half-open stream its master never hears. */
  closed(): void {
    this.#line.close();
    if (!this.#isHalfOpen) this.#options.onBroken();
  }

  #strike(item: Item): Fault | undefined {
    if (this.#isHalfOpen) return { kind: 'drop' };
    if (item.kind === 'end') return undefined;
    return this.#options.rules?.strike({
      on: 'events',
      type: item.event.type,
      ...(this.#frameworkId === undefined ? {} : { frameworkId: this.#frameworkId }),
    });
  }

  #write(item: Item): void {
    if (item.kind === 'end') this.#stream?.end();
    else this.#stream?.write(JSON.stringify(item.event));
  }

  #spoil(fault: Fault, item: Item): void {
    if (fault.kind === 'half-open') this.#isHalfOpen = true;
    else if (fault.kind === 'garbage') {
      this.#stream?.writeRaw(fault.data);
      this.#write(item);
    } else if (fault.kind === 'end') {
      this.#stream?.end();
      this.#line.close();
      this.#options.onBroken();
    } else if (fault.kind === 'cut' && item.kind === 'event') {
      const record = JSON.stringify(item.event);
      const length = Buffer.byteLength(record);
      this.#stream?.cut(`${length}\n${record.slice(0, Math.floor(record.length / 2))}`);
    }
  }
}
