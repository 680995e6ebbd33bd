import { askAnalytics } from './analytics.js';
import { createChainStore } from './certificate-chain.js';
import { nextStep, tellFigures, tellTrouble } from './dialogue.js';
import { readRequest } from './read-request.js';
import { Refusal } from './refusal.js';
import { verifyRequest } from './verify-request.js';

/**
 * The bytes that were signed. The platform gives a raw web action JSON as base64, and texts as texts: only the first
 * is what the assistant sends.
 */
function bodyOf({ __ow_method: method, __ow_headers: headers = {}, __ow_body: body }) {
  if (method !== 'post') throw new Refusal('A skill is spoken to by POST.', 405);
  if (!/^application\/json\b/i.test(String(headers['content-type'])) || typeof body !== 'string')
    throw new Refusal('A skill is spoken to in JSON.', 415);
  return Buffer.from(body, 'base64');
}

/** A question goes to the analytics service; all else is answered at once. */
async function answer(request, tools) {
  const step = nextStep(request);
  if (step.kind === 'say') return step.response;
  try {
    return tellFigures(step.question, await askAnalytics(step.question, tools));
  } catch (error) {
    // The listener can't mend it, and should hear something all the same; the reason is for the log.
    console.error(`The analytics service gave no figures: ${error.message}`);
    return tellTrouble();
  }
}

const json = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body,
});

/**
 * The whole skill as one function of the action's arguments. Time and network are given to it, so that tests have
 * them in their hands.
 * @param {{now: () => number, fetch: typeof fetch}} world
 */
export function createSkill({ now, fetch }) {
  const chains = createChainStore(fetch);
  return async function main(args) {
    try {
      const body = bodyOf(args);
      const message = await verifyRequest(
        { headers: args.__ow_headers, body },
        {
          now: now(),
          chains,
          skillId: args.skillId,
          trustedRoots: args.trustedRoots,
          certificatesFrom: args.certificatesFrom,
        },
      );
      const { analyticsUrl: url, analyticsKey: key } = args;
      return json(200, await answer(readRequest(message), { url, key, fetch }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      console.log(`refused: ${error.message}`);
      return json(error.status, { error: error.message });
    }
  };
}
