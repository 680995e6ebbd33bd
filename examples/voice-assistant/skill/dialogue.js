// What is said, and when. Pure: a request and what was remembered go in, an answer or a question to the analytics
// service comes out.
import { measures, periods, recognise } from './figures.js';
import { ask, end, quoted, silence, tell } from './speech.js';

const OFFER = 'You can ask for page views or visitors, of last week or last month.';
const WHAT = 'What would you like to know?';
const WHICH_PERIOD = 'For last week, or for last month?';
const WHICH_MEASURE = 'Page views, or visitors?';
const ANYTHING_ELSE = 'Anything else?';

const say = (response) => ({ kind: 'say', response });

/** Something was said that is in no list; the question is put again, and the other half is kept. */
function askAgain(known, { heard, question, memory }) {
  const names = [...known.values()].map((entry) => entry.many ?? entry.said).join(' and ');
  const words = quoted(heard.words);
  return say(ask(`I know ${names}, but not “${words}”. ${question}`, { reprompt: question, memory }));
}

/** Both halves of a question may come at once, one after the other, or from the question before. */
function figures({ heard, isNew, memory }) {
  const said = { measure: recognise(measures, heard.measure), period: recognise(periods, heard.period) };
  const now = {
    ...memory,
    ...(said.measure === undefined ? {} : { measure: said.measure }),
    ...(said.period === undefined ? {} : { period: said.period }),
  };
  if (heard.measure !== undefined && said.measure === undefined)
    return askAgain(measures, { heard: heard.measure, question: WHICH_MEASURE, memory: now });
  if (heard.period !== undefined && said.period === undefined)
    return askAgain(periods, { heard: heard.period, question: WHICH_PERIOD, memory: now });
  if (now.measure === undefined) return say(ask(WHICH_MEASURE, { reprompt: OFFER, memory: now }));
  if (now.period === undefined) return say(ask(WHICH_PERIOD, { reprompt: OFFER, memory: now }));
  return { kind: 'look-up', question: { ...now, isNew } };
}

function intent(request) {
  const { memory } = request;
  switch (request.intent) {
    case 'FiguresIntent':
      return figures(request);
    case 'AMAZON.HelpIntent':
      return say(ask(`${OFFER} ${WHAT}`, { reprompt: WHAT, memory }));
    case 'AMAZON.YesIntent':
      return say(ask(WHAT, { reprompt: OFFER, memory }));
    case 'AMAZON.NoIntent':
    case 'AMAZON.StopIntent':
    case 'AMAZON.CancelIntent':
    case 'AMAZON.NavigateHomeIntent':
      return say(end('Goodbye.'));
    default:
      return say(ask(`Sorry, I didn’t get that. ${OFFER}`, { reprompt: WHAT, memory }));
  }
}

/**
 * `{kind: 'say', response}`, or `{kind: 'look-up', question}` for `tellFigures`.
 * @param {ReturnType<typeof import('./read-request.js').readRequest>} request
 */
export function nextStep(request) {
  switch (request.kind) {
    case 'launch':
      return say(ask(`Welcome to site report. ${WHAT}`, { reprompt: OFFER }));
    case 'intent':
      return intent(request);
    default:
      return say(silence());
  }
}

const number = new Intl.NumberFormat('en-US');
const dayOfWeek = new Intl.DateTimeFormat('en-US', { weekday: 'long', timeZone: 'UTC' });
const dayOfMonth = new Intl.DateTimeFormat('en-US', { month: 'long', day: 'numeric', timeZone: 'UTC' });
const longDay = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' });

function comparison(total, before, { before: theOneBefore }) {
  if (before === 0) return `There is nothing to compare it with: ${theOneBefore} had none.`;
  const percent = Math.round((100 * (total - before)) / before);
  if (percent === 0) return `That is as many as ${theOneBefore}.`;
  return `That is ${number.format(Math.abs(percent))} percent ${percent > 0 ? 'more' : 'less'} than ${theOneBefore}.`;
}

/**
 * Figures as speech, with a card. A question that opened the session was a whole conversation; else the skill goes on
 * listening.
 */
export function tellFigures({ measure, period, isNew }, { from, to, total, before, busiest }) {
  const { one, many } = measures.get(measure);
  const span = periods.get(period);
  const day = new Date(busiest.day);
  const when = period === 'last-week' ? dayOfWeek.format(day) : dayOfMonth.format(day);
  const sentences = [
    total === 1
      ? `There was 1 ${one} ${span.said}.`
      : `There were ${number.format(total)} ${many} ${span.said}.`,
    comparison(total, before, span),
    `The busiest day was ${when}, with ${number.format(busiest.count)}.`,
  ];
  const dates = `${longDay.format(new Date(from))} to ${longDay.format(new Date(to))}`;
  return tell(sentences, {
    card: { title: `Site report: ${many}`, content: `${dates}\n${sentences.join('\n')}` },
    memory: { measure, period },
    ...(isNew ? {} : { question: ANYTHING_ELSE }),
  });
}

/** When the analytics service gave no figures. */
export function tellTrouble() {
  return end('Sorry, the figures can’t be had right now. Please try again in a few minutes.');
}
