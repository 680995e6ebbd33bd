import type { AnyMesosError } from '@vibrissa/mesos';

export function isMesosError(error: unknown): error is AnyMesosError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** Messages of others end with a full stop or not; sentences do. */
export function sentence(text: string): string {
  const said = text.trim();
  return /[.!?]$/.test(said) ? said : `${said}.`;
}
