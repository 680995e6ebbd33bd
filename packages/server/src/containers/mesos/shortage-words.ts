import type { Shortage, TaskExplanation } from '@vibrissa/mesos';

const names: Readonly<Record<string, string>> = { mem: 'MB of memory', disk: 'MB of disk' };

function amount([name, value]: readonly [string, number]): string {
  return `${Math.round(value * 100) / 100} ${names[name] ?? name}`;
}

function lacks({ offersSeen, reasons, best }: Shortage): string {
  const why = Object.entries(reasons).map(([reason, times]) => {
    const words = reason === 'mem' ? 'memory' : reason;
    return `${words} (${times} of ${offersSeen})`;
  });
  const most = Object.entries(best).map(amount).join(', ');
  const offered = most === '' ? '' : `; the most that one agent has offered is ${most}`;
  return `the offers lacked ${why.length === 0 ? 'nothing that was counted' : why.join(', ')}${offered}`;
}

/** What the offers lacked, as a sentence. */
export function shortageText(shortage: Shortage): string {
  if (shortage.unsubscribed) return 'There is no connection to a Mesos master.';
  if (shortage.offersSeen === 0) {
    return 'Mesos has made no offer: its agents are full or absent, or what is free is for other roles.';
  }
  const text = lacks(shortage);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Why a task waits, as a sentence. */
export function waitingText(explained: TaskExplanation): string {
  return explained.kind === 'waiting'
    ? shortageText(explained.shortage)
    : 'Its agent has not started it yet.';
}
