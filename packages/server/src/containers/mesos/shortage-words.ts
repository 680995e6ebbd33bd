import type { Shortage, TaskExplanation } from '@vibrissa/mesos';

const names: Readonly<Record<string, string>> = { mem: 'MB of memory', disk: 'MB of disk' };

function amount([name, value]: readonly [string, number]): string {
  return `${Math.round(value * 100) / 100} ${names[name] ?? name}`;
}

/** `lacked memory (6 of 9)`; those that lacked nothing were used up by others. */
function whyNot([reason, times]: readonly [string, number], offersSeen: number): string {
  const count = `(${times} of ${offersSeen})`;
  if (reason === 'other tasks') return `were used for other tasks ${count}`;
  return `lacked ${reason === 'mem' ? 'memory' : reason} ${count}`;
}

function lacks({ offersSeen, reasons, best }: Shortage): string {
  const why = Object.entries(reasons).map((entry) => whyNot(entry, offersSeen));
  const most = Object.entries(best)
    .filter(([, value]) => value > 0)
    .map(amount)
    .join(', ');
  const offered = most === '' ? '' : `; the most that one agent has offered is ${most}`;
  return `Mesos's offers ${why.length === 0 ? 'did not fit it' : why.join(', ')}${offered}.`;
}

/** What the offers lacked, as a sentence. */
function shortageText(shortage: Shortage): string {
  if (shortage.unsubscribed) return 'There is no connection to a Mesos master.';
  if (shortage.offersSeen === 0) {
    return 'Mesos has made no offer: its agents are full or absent, what is free is for other roles, or another framework holds it as an offer.';
  }
  return lacks(shortage);
}

/** Why a task waits, as a sentence. */
export function waitingText(explained: TaskExplanation): string {
  return explained.kind === 'waiting'
    ? shortageText(explained.shortage)
    : 'Its agent has not started it yet.';
}
