import type { WireTaskStatus } from '../../wire/index.ts';

const LONGEST_NAME = 60;

/** `task web-1`; a name that is too long is cut, one that can't be a name is left out. */
export function theTask(id: unknown, noun = 'task'): string {
  if (typeof id !== 'string' || id === '') return `a ${noun}`;
  return `${noun} ${id.length > LONGEST_NAME ? `${id.slice(0, LONGEST_NAME)}…` : id}`;
}

/** At the beginning of a sentence. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** As a sentence of its own, whatever it ends with. */
export function sentence(text: string): string {
  const said = text.trim();
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

/** To stand within a sentence. */
export function clause(text: string): string {
  return text.replace(/[.\s]+$/, '');
}

/** What Mesos said of a task, as the end of a clause: `: Command exited with status 3`. */
export function told({ message, reason }: WireTaskStatus): string {
  const words = clause(message || reason || '');
  return words === '' ? '' : `: ${words}`;
}
