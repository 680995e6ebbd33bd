import { randomUUID } from 'node:crypto';
import { complaintsAbout } from './complaints.js';
import { messageOf, signedRequest } from './signed-request.js';

/** What is heard of an answer: speech without its markup. */
export function spokenWords({ outputSpeech }) {
  if (outputSpeech === undefined) return '';
  if (outputSpeech.type === 'PlainText') return outputSpeech.text;
  return outputSpeech.ssml
    .replaceAll(/<break[^>]*>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

/**
 * A voice assistant for one skill, without the voice: it keeps the session, signs what it sends, and takes no answer
 * that the real one would not take.
 */
export class Assistant {
  #options;
  #session;

  /** @param {{url: string, skillId: string, key: string, understand: (words: string) => object}} options */
  constructor(options) {
    this.#options = options;
  }

  get isListening() {
    return this.#session !== undefined;
  }

  /** "Alexa, open site report." */
  open() {
    return this.#send({ type: 'LaunchRequest' });
  }

  /** Says something, in the session if there is one: else it opens one ("Alexa, ask site report for …"). */
  hear(words) {
    return this.#send({
      type: 'IntentRequest',
      intent: this.#options.understand(words),
      dialogState: 'STARTED',
    });
  }

  /** Nobody says anything any more. */
  async leave() {
    await this.#send({ type: 'SessionEndedRequest', reason: 'EXCEEDED_MAX_REPROMPTS' });
    this.#session = undefined;
  }

  async #send(request) {
    const { url, skillId, key } = this.#options;
    const session = this.#session ?? {
      new: true,
      sessionId: `amzn1.echo-api.session.${randomUUID()}`,
      attributes: {},
    };
    const response = await fetch(url, signedRequest(messageOf(request, { skillId, session }), { key }));
    const text = await response.text();
    if (response.status !== 200) throw new Error(`the skill answered ${response.status}: ${text}`);
    const answer = JSON.parse(text);
    const complaints = complaintsAbout(answer, request.type);
    if (complaints.length > 0) throw new Error(`the answer is none: ${complaints.join('; ')}: ${text}`);
    const stays = answer.response.shouldEndSession === false;
    this.#session = stays
      ? { ...session, new: false, attributes: answer.sessionAttributes ?? {} }
      : undefined;
    return { words: spokenWords(answer.response), card: answer.response.card };
  }
}
