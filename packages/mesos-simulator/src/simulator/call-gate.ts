import type { Clock, Timer } from '../base/clock.ts';
import type { Fault } from '../faults/fault.ts';
import type { FaultRules } from '../faults/fault-rules.ts';
import { emptyAnswer, textAnswer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';

/** A framework's call on its way to the master. */
export interface WaitingCall {
  readonly exchange: Exchange;
  readonly body: string;
  readonly principal?: string;
}

/** What becomes of the master's answer. */
export type AnswerWay = 'answer' | 'lose' | 'nobody';

export interface CallGateOptions {
  readonly clock: Clock;
  readonly rules: FaultRules;
  readonly pass: (call: WaitingCall, way: AnswerWay) => void;
}

/** Where calls of frameworks can go wrong before the master hears them. */
export class CallGate {
  readonly #options: CallGateOptions;
  readonly #timers = new Set<Timer>();
  #held: WaitingCall[] = [];

  constructor(options: CallGateOptions) {
    this.#options = options;
  }

  take(call: WaitingCall): void {
    const fault = this.#options.rules.strike({ on: 'calls', ...facts(call.body) });
    if (fault?.kind === 'reorder') {
      this.#held.push(call);
      return;
    }
    this.#handle(call, fault);
    const held = this.#held;
    this.#held = [];
    for (const earlier of held) this.#options.pass(earlier, 'answer');
  }

  /** What waits is never heard. */
  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#held = [];
  }

  #handle(call: WaitingCall, fault: Fault | undefined): void {
    const { pass } = this.#options;
    switch (fault?.kind) {
      case 'drop':
        return call.exchange.cut();
      case 'refuse':
        return call.exchange.answer(textAnswer(fault.status, fault.text));
      case 'swallow':
        return call.exchange.answer(emptyAnswer(202));
      case 'lose-answer':
        return pass(call, 'lose');
      case 'duplicate':
        pass(call, 'answer');
        return pass(call, 'nobody');
      case 'delay':
        return this.#later(call, fault.delayMs);
      case undefined:
      // Held by `take`.
      case 'reorder':
      // Of events alone.
      case 'half-open':
      case 'garbage':
      case 'cut':
      case 'end':
        return pass(call, 'answer');
    }
  }

  #later(call: WaitingCall, delayMs: number): void {
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      this.#options.pass(call, 'answer');
    });
    this.#timers.add(timer);
  }
}

function facts(body: string): { readonly type: string; readonly frameworkId?: string } {
  try {
    const call = JSON.parse(body) as { type?: unknown; framework_id?: { value?: unknown } };
    const frameworkId = call.framework_id?.value;
    return {
      type: typeof call.type === 'string' ? call.type : '',
      ...(typeof frameworkId === 'string' ? { frameworkId } : {}),
    };
  } catch {
    // The master will say so.
    return { type: '' };
  }
}
