// What the real assistant would not accept of a skill's answer.
const MOST_BYTES = 24 * 1024;
const MOST_SPOKEN = 8000;

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of SSML the skill uses what it needs: text without bare markup, and breaks. */
const wellFormed = /^<speak>(?:[^<>&]|&(?:amp|lt|gt|quot|apos);|<break strength="medium"\/>)+<\/speak>$/u;

function ofSpeech(speech) {
  if (!isObject(speech)) return ['speech is no object'];
  const text = speech.type === 'SSML' ? speech.ssml : speech.text;
  if (typeof text !== 'string' || text === '') return ['speech has no words'];
  if (text.length > MOST_SPOKEN) return ['speech is too long'];
  // Control characters are in no XML, and half a character is in no text.
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) return ['speech has characters that nobody can say'];
  if (speech.type === 'SSML') return wellFormed.test(text) ? [] : ['the SSML is not well-formed'];
  return speech.type === 'PlainText' ? [] : [`speech has the type ${speech.type}`];
}

function ofSilence(response) {
  return Object.keys(response).length === 0 ? [] : ['nothing may be said after the end'];
}

/**
 * Why an answer to a type of request (`IntentRequest`) is none that the assistant takes; empty if it is one.
 * @param {unknown} answer @param {string} type
 */
export function complaintsAbout(answer, type) {
  if (!isObject(answer) || !isObject(answer.response)) return ['there is no response'];
  if (answer.version !== '1.0') return ['the version is not 1.0'];
  const { response, sessionAttributes } = answer;
  if (type !== 'LaunchRequest' && type !== 'IntentRequest') return ofSilence(response);
  const { outputSpeech, reprompt, card, shouldEndSession } = response;
  const complaints = ofSpeech(outputSpeech);
  if (JSON.stringify(answer).length > MOST_BYTES) complaints.push('the answer is too long');
  if (typeof shouldEndSession !== 'boolean') complaints.push('it is not said whether the session ends');
  if (shouldEndSession === false) complaints.push(...ofSpeech(reprompt?.outputSpeech));
  if (shouldEndSession === true && reprompt !== undefined)
    complaints.push('nobody hears a reprompt at the end');
  if (card !== undefined && !(card.type === 'Simple' && card.title && card.content))
    complaints.push('the card is not a simple one');
  if (sessionAttributes !== undefined && !isObject(sessionAttributes))
    complaints.push('the session’s attributes are no object');
  return complaints;
}
