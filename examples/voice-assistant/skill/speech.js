const MOST_QUOTED = 60;

/** Words of somebody else, safe to repeat: short, of letters that XML allows. */
export function quoted(words) {
  const visible = [
    ...words
      .toWellFormed()
      .replaceAll(/[\p{C}\s]+/gu, ' ')
      .trim(),
  ];
  return visible.length > MOST_QUOTED ? `${visible.slice(0, MOST_QUOTED).join('')}…` : visible.join('');
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

const xml = (text) => text.replaceAll(/[&<>"']/g, (character) => escapes[character]);

/** Sentences as SSML, with a breath between them. */
const ssml = (sentences) => `<speak>${sentences.map(xml).join('<break strength="medium"/>')}</speak>`;

const plain = (text) => ({ type: 'PlainText', text });

/** Asks, and listens; asks once more if there is silence. What is remembered comes back with the next request. */
export function ask(text, { reprompt = text, memory = {} } = {}) {
  return {
    version: '1.0',
    sessionAttributes: memory,
    response: {
      outputSpeech: plain(text),
      reprompt: { outputSpeech: plain(reprompt) },
      shouldEndSession: false,
    },
  };
}

/** Tells something worth a card in the assistant's app; goes on listening if there is a question to ask. */
export function tell(sentences, { card, question, memory = {} }) {
  const spoken = question === undefined ? sentences : [...sentences, question];
  return {
    version: '1.0',
    sessionAttributes: memory,
    response: {
      outputSpeech: { type: 'SSML', ssml: ssml(spoken) },
      card: { type: 'Simple', ...card },
      ...(question === undefined ? {} : { reprompt: { outputSpeech: plain(question) } }),
      shouldEndSession: question === undefined,
    },
  };
}

/** Says a last thing. */
export function end(text) {
  return { version: '1.0', response: { outputSpeech: plain(text), shouldEndSession: true } };
}

/** To messages that nothing may be said to. */
export function silence() {
  return { version: '1.0', response: {} };
}
