// What the example shows, in the order in which it happens. Throws when something is not as it should be.
import { messageOf, signedRequest } from './assistant/signed-request.js';

function check(condition, complaint) {
  if (!condition) throw new Error(complaint);
}

const title = (text) => console.log(`\n── ${text}`);

/** What the user says, and what has to be answered. The figures are those of the seed and the day of run.js. */
const conversations = [
  {
    about: 'A conversation: the session remembers what was asked before',
    turns: [
      ['open', 'Welcome to site report. What would you like to know?'],
      [
        'how many page views were there last week',
        /^There were 2,136 page views last week\. .*Anything else\?$/,
      ],
      ['and visitors', /^There were \d+ visitors last week\. .*Anything else\?$/],
      ['and last month', /^There were [\d,]+ visitors last month\. .*Anything else\?$/],
      ['no', 'Goodbye.'],
    ],
  },
  {
    about: 'Half a question, a wrong one, and none: the skill asks back',
    turns: [
      ['open', /^Welcome/],
      ['how many visitors', 'For last week, or for last month?'],
      [
        'for the last decade',
        'I know last week and last month, but not “the last decade”. For last week, or for last month?',
      ],
      ['what is the meaning of life', /^Sorry, I didn’t get that\./],
      ['last month', /^There were [\d,]+ visitors last month\./],
      ['stop', 'Goodbye.'],
    ],
  },
  {
    about: 'A question that comes with the name of the skill is answered, and that is all',
    turns: [['page views of last month', /^There were [\d,]+ page views last month\. .*\d\.$/]],
  },
];

const matches = (expected, words) =>
  typeof expected === 'string' ? expected === words : expected.test(words);

function invocation(words, isListening) {
  if (words === 'open') return 'Alexa, open site report.';
  if (!isListening) return `Alexa, ask site report for ${words}.`;
  return `${words[0].toUpperCase()}${words.slice(1)}${/^(?:how|what|and) /.test(words) ? '?' : '.'}`;
}

async function takeTurn(assistant, [words, expected]) {
  console.log(`You        ${invocation(words, assistant.isListening)}`);
  const said = words === 'open' ? await assistant.open() : await assistant.hear(words);
  console.log(`Assistant  ${said.words}`);
  check(matches(expected, said.words), `that is not what was to be said: ${expected}`);
  return said;
}

/** Talks with the skill; prints what both say. */
export async function converse(assistant) {
  let card;
  for (const { about, turns } of conversations) {
    title(about);
    for (const turn of turns) card = (await takeTurn(assistant, turn)).card ?? card;
    check(!assistant.isListening, 'the session is still open');
  }
  console.log(
    `\nThe card in the assistant’s app:\n${`${card.title}\n${card.content}`.replaceAll(/^/gm, '  │ ')}`,
  );
}

/** Silence: the assistant closes the session by itself, and nothing may be said to that. */
export async function fallSilent(assistant) {
  title('Nobody answers: the session ends');
  await takeTurn(assistant, ['open', /^Welcome/]);
  await assistant.leave();
  console.log('You        (silence)\nAssistant  (silence)');
}

/** Without figures the skill still says something that a person understands. */
export async function loseAnalytics(assistant, analytics) {
  title('The analytics service is down');
  await analytics.stop();
  await takeTurn(assistant, ['visitors last week', /^Sorry, the figures can’t be had right now\./]);
  await analytics.start();
  await takeTurn(assistant, ['visitors last week', /^There were \d+ visitors last week\./]);
}

/** Requests that are not the assistant's, each wrong in one thing. */
function forgeries({ skillId, keys }) {
  const open = { type: 'LaunchRequest' };
  const message = messageOf(open, { skillId });
  const right = signedRequest(message, { key: keys.assistant });
  const { 'signature-256': _, ...unsigned } = right.headers;
  const at = (where) => ({ ...right, headers: { ...right.headers, signaturecertchainurl: where } });
  const old = messageOf(open, { skillId, now: Date.now() - 5 * 60_000 });
  const other = messageOf(open, { skillId: 'amzn1.ask.skill.another' });
  return [
    ['no signature', { ...right, headers: unsigned }, 'not signed'],
    [
      'a body that was changed',
      { ...right, body: right.body.replace('Launch', 'lunch ') },
      'not that of this request',
    ],
    ['five minutes old', signedRequest(old, { key: keys.assistant }), 'not made just now'],
    ['for another skill', signedRequest(other, { key: keys.assistant }), 'another skill'],
    ['certificates elsewhere', at('https://s3.amazonaws.com.example/echo.api/a.pem'), 'not the assistant’s'],
    ['… or in another bucket', at('https://s3.amazonaws.com/echo.api/../mine/a.pem'), 'not the assistant’s'],
    [
      'another’s certificate',
      signedRequest(message, { key: keys.neighbour, chain: 'neighbour-chain.pem' }),
      'not that of echo-api',
    ],
    [
      'an authority of its own',
      signedRequest(message, { key: keys.impostor, chain: 'impostor-chain.pem' }),
      'nobody who is trusted',
    ],
    ['nothing at all', { method: 'GET' }, 'by POST'],
  ];
}

/** Sends what must be refused. */
export async function refuse({ url, skillId, keys }) {
  title('Requests that are not the assistant’s');
  for (const [what, request, reason] of forgeries({ skillId, keys })) {
    const response = await fetch(url, request);
    const text = await response.text();
    console.log(`${what.padEnd(25)}${response.status}  ${text.trim().replaceAll(/\s+/g, ' ')}`);
    check(
      response.status >= 400 && response.status < 500 && text.includes(reason),
      `that was not refused: ${what}`,
    );
  }
}
