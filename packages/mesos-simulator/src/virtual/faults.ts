import type { FrameworkCall, MesosEvent } from '@vibrissa/mesos/wire';
import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';
import type { RandomSource } from '../base/random.ts';

/** What becomes of a message. `delayMs` holds back what follows on the same connection, too. */
export type MessageFault = 'deliver' | 'drop' | 'duplicate' | { readonly delayMs: number };

/** What becomes of a framework's call, beyond {@link MessageFault}. */
export type CallFault =
  | 'deliver'
  /** The connection breaks before the master has heard it. */
  | 'break'
  /** The master has heard it, and the connection breaks before the answer. */
  | 'break-after'
  /** It is answered by 202, and nothing comes of it. */
  | 'swallow'
  /** The master hears it twice; one answer. */
  | 'duplicate'
  | { readonly delayMs: number };

/** Asked for each message; all may be exchanged at any time. Absent: everything is delivered. */
export interface VirtualFaults {
  onCall?: ((call: FrameworkCall, client: string) => CallFault) | undefined;
  onEvent?: ((event: MesosEvent, client: string) => MessageFault) | undefined;
  onAgentMessage?: ((message: AgentToMaster, agent: number) => MessageFault) | undefined;
  onMasterMessage?: ((message: MasterToAgent, agent: number) => MessageFault) | undefined;
}

/** Probabilities between 0 and 1; absent: 0. */
export interface FaultRates {
  readonly callBreaks?: number;
  readonly callSwallowed?: number;
  readonly callDuplicated?: number;
  readonly callDelayed?: number;
  readonly eventDuplicated?: number;
  readonly eventDelayed?: number;
  readonly agentMessageDropped?: number;
  readonly agentMessageDuplicated?: number;
  readonly agentMessageDelayed?: number;
  /** The longest delay; default 2,000. */
  readonly delayMs?: number;
}

/**
 * Random faults. SUBSCRIBED is spared (a subscription whose beginning is lost is none), and so are pings.
 */
export function randomFaults(random: RandomSource, rates: FaultRates): VirtualFaults {
  const longest = rates.delayMs ?? 2000;
  const delay = (): { readonly delayMs: number } => ({ delayMs: random.next() * longest });
  const betweenAgents = (message: AgentToMaster | MasterToAgent): MessageFault => {
    if (message.type === 'ping' || message.type === 'pong') return 'deliver';
    return pick<MessageFault>(random, [
      [rates.agentMessageDropped, 'drop'],
      [rates.agentMessageDuplicated, 'duplicate'],
      [rates.agentMessageDelayed, delay()],
    ]);
  };
  return {
    onCall: () =>
      pick<CallFault>(random, [
        [(rates.callBreaks ?? 0) / 2, 'break'],
        [(rates.callBreaks ?? 0) / 2, 'break-after'],
        [rates.callSwallowed, 'swallow'],
        [rates.callDuplicated, 'duplicate'],
        [rates.callDelayed, delay()],
      ]),
    onEvent: (event) => {
      if (event.type === 'SUBSCRIBED') return 'deliver';
      return pick<MessageFault>(random, [
        [rates.eventDuplicated, 'duplicate'],
        [rates.eventDelayed, delay()],
      ]);
    },
    onAgentMessage: betweenAgents,
    onMasterMessage: betweenAgents,
  };
}

function pick<Fault>(
  random: RandomSource,
  choices: readonly (readonly [probability: number | undefined, fault: Fault])[],
): Fault | 'deliver' {
  let left = random.next();
  for (const [probability = 0, fault] of choices) {
    if (left < probability) return fault;
    left -= probability;
  }
  return 'deliver';
}
