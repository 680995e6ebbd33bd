import type { CallAnswer } from '../transport/transport.ts';

/** What a SUBSCRIBE's HTTP status means for the next attempt. */
export type RefusalVerdict = 'retry' | 'refused' | 'unauthorized' | 'alien' | 'perhaps-alien';

const RETRIED = new Set([408, 425, 429]);
const REFUSED = new Set([400, 403, 409, 501]);
/** How an agent, and a master under another path, refuse the call: those are their operators' APIs. */
const otherApi = /\b(agent|master)::Call\b/;

/**
 * 503: no leader, or it is recovering. 404: the master's routes are not up yet, with an empty body; a body is another
 * server's error page. 405, 406 and 415 can't be Mesos's answer to what this client sends.
 */
export function judgeRefusal(status: number, text: string): RefusalVerdict {
  if (status === 401) return 'unauthorized';
  if (status === 404) return text.trim() === '' ? 'retry' : 'perhaps-alien';
  if (otherApi.test(text)) return 'alien';
  if (REFUSED.has(status)) return 'refused';
  if (RETRIED.has(status) || status >= 500) return 'retry';
  return 'alien';
}

/** What an ERROR event means. Mesos gives no code: the text is all there is. */
export type ErrorVerdict = 'failed-over' | 'removed' | 'overloaded' | 'other';

export function judgeError(message: string): ErrorVerdict {
  if (message.includes('failed over')) return 'failed-over';
  if (message.includes('has been removed')) return 'removed';
  // Rate limits of the principal: "… dropped: capacity(10) exceeded".
  if (/capacity.*exceeded/.test(message)) return 'overloaded';
  return 'other';
}

/** What a call's answer means for the session. */
export type AnswerVerdict = 'fine' | 'lost' | 'taken-over';

/**
 * A stream id that no longer matches says that another subscriber has come: to subscribe again would throw that one
 * out. "Framework cannot be found" is said by a master that was restarted, 403 by one that has lost the stream, 307 and
 * 503 by one that no longer leads.
 */
export function judgeAnswer({ status, text }: CallAnswer): AnswerVerdict {
  if (status === 400) {
    if (text.includes('stream ID') && text.includes("didn't match")) return 'taken-over';
    return text.includes('Framework cannot be found') ? 'lost' : 'fine';
  }
  const lost = status === 0 || status === 307 || status === 401 || status === 403 || status === 404;
  return lost || status === 503 ? 'lost' : 'fine';
}
