// Web hooks: an event is posted to the address that a merchant gave, signed with the secret that only the two know.
// The form is that of Standard Webhooks (https://www.standardwebhooks.com), which many receivers know.
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const ANSWER_LIMIT_MS = 5_000;

/** The headers of a signed message. The time is signed, too, so that what somebody recorded is soon worth nothing. */
export function signedHeaders(secret, { id, seconds, body }) {
  const signature = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}

/**
 * Posts an event until it is taken, and resolves with what became of it. Each attempt has the same id and time, so that a
 * receiver that got it twice, because an answer was lost, knows.
 */
export async function deliver({ url, secret }, event) {
  const body = JSON.stringify(event);
  const id = `msg_${randomUUID()}`;
  const headers = signedHeaders(secret, { id, seconds: Math.floor(Date.now() / 1000), body });
  for (let attempt = 1, pauseMs = FIRST_PAUSE_MS; ; attempt++, pauseMs *= 2) {
    const outcome = await post(url, headers, body);
    if (!outcome.mayWorkLater || attempt === ATTEMPTS) return { id, attempts: attempt, ...outcome.report };
    await sleep(pauseMs);
  }
}

async function post(url, headers, body) {
  try {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    const answer = await response.json().catch(() => ({}));
    const mayWorkLater = response.status === 429 || response.status >= 500;
    return { mayWorkLater, report: { status: response.status, activationId: answer.activationId } };
  } catch (error) {
    return { mayWorkLater: true, report: { error: error.message } };
  }
}
