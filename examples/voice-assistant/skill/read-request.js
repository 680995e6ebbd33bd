import { Refusal } from './refusal.js';
import { measures, periods } from './figures.js';

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What was heard in a slot: the name that the assistant recognised, else the words themselves. */
function heardIn(slot) {
  if (!isObject(slot) || typeof slot.value !== 'string' || slot.value === '') return undefined;
  const authorities = slot.resolutions?.resolutionsPerAuthority;
  const matched = Array.isArray(authorities)
    ? authorities.find((authority) => authority?.status?.code === 'ER_SUCCESS_MATCH')
    : undefined;
  const id = matched?.values?.[0]?.value?.id;
  return typeof id === 'string' ? { words: slot.value, id } : { words: slot.value };
}

/** Only what the skill itself can have put there. */
function remembered(attributes) {
  const { measure, period } = isObject(attributes) ? attributes : {};
  return {
    ...(measures.has(measure) ? { measure } : {}),
    ...(periods.has(period) ? { period } : {}),
  };
}

function readIntent({ intent }) {
  if (!isObject(intent) || typeof intent.name !== 'string') throw new Refusal('An intent has no name.');
  const slots = isObject(intent.slots) ? intent.slots : {};
  return { intent: intent.name, heard: { measure: heardIn(slots.measure), period: heardIn(slots.period) } };
}

/**
 * The assistant's JSON, reduced to what the dialogue is about:
 * `{kind: 'launch' | 'intent' | 'ended' | 'other', isNew, memory: {measure?, period?}}`, and for an intent its name
 * and what was heard. Throws a Refusal when it is none of the assistant's messages.
 */
export function readRequest({ request, session }) {
  if (!isObject(request) || typeof request.type !== 'string') throw new Refusal('The request has no type.');
  const told = { isNew: session?.new === true, memory: remembered(session?.attributes) };
  switch (request.type) {
    case 'LaunchRequest':
      return { kind: 'launch', ...told };
    case 'IntentRequest':
      return { kind: 'intent', ...told, ...readIntent(request) };
    case 'SessionEndedRequest':
      return { kind: 'ended', ...told };
    default:
      return { kind: 'other', ...told };
  }
}
