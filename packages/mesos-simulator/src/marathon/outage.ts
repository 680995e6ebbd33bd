import type { HttpAnswer } from '../http/answer.ts';

/**
 * What is wrong with the API, while tasks go on: `down` nobody listens; `unauthorized` every request gets 401; `partial`
 * lists of tasks lack their second half; `flapping` they lack one half, then the other, by turns; `slow` answers come
 * after ten seconds.
 */
export type MarathonOutage = 'down' | 'unauthorized' | 'partial' | 'flapping' | 'slow';

/** All of them, for those who check what they were given. */
export const outages: readonly MarathonOutage[] = ['down', 'unauthorized', 'partial', 'flapping', 'slow'];

/** How long an answer takes while the API is slow. */
export const SLOW_MS = 10_000;

/** An answer whose lists of tasks hold one half of them: the first (rounded up), or the other. */
export function withHalfOfTasks(answer: HttpAnswer, half: 'first' | 'second'): HttpAnswer {
  if (!answer.headers.some(([, value]) => value === 'application/json')) return answer;
  const body = JSON.stringify(JSON.parse(answer.body.toString()), (key, value: unknown) =>
    key === 'tasks' && Array.isArray(value)
      ? halfOf(value as readonly { readonly id: string }[], half)
      : value,
  );
  return { ...answer, body };
}

function halfOf(tasks: readonly { readonly id: string }[], half: 'first' | 'second') {
  const sorted = tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const middle = Math.ceil(sorted.length / 2);
  return half === 'first' ? sorted.slice(0, middle) : sorted.slice(middle);
}
