import type { MasterState } from '../state/master-state.ts';
import { refuse, type Refusal } from './read-body.ts';

/** An empty text has no content type. */
export function answer(
  master: MasterState,
  request: number,
  { status, text }: { readonly status: number; readonly text: string },
): void {
  const headers = text === '' ? [] : ([['Content-Type', 'text/plain; charset=utf-8']] as const);
  master.emit({ type: 'answer', request, status, headers, text });
}

export function answerJson(master: MasterState, request: number, json: unknown): void {
  const headers = [['Content-Type', 'application/json']] as const;
  master.emit({ type: 'answer', request, status: 200, headers, text: JSON.stringify(json) });
}

export function answerRefusal(
  master: MasterState,
  request: number,
  { status, text, headers = [] }: Refusal,
): void {
  const type = text === '' ? [] : ([['Content-Type', 'text/plain; charset=utf-8']] as const);
  master.emit({ type: 'answer', request, status, headers: [...headers, ...type], text });
}

/**
 * A master that does not lead sends everybody to the one that does, as far as it knows: to a dead one, too, until the
 * election notices. `path` is where the leader has it.
 */
export function notLeading(master: MasterState, path: string): Refusal | undefined {
  if (master.phase === 'leading') return undefined;
  if (master.phase === 'recovering') return refuse(503, 'Master has not finished recovery');
  const { leader } = master;
  if (leader === undefined) return refuse(503, 'No leader elected');
  return { ...refuse(307, ''), headers: [['Location', `//${leader.hostname}:${leader.port}${path}`]] };
}
