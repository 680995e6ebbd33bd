import { describe, expect, it, test } from 'vitest';
import {
  complaints,
  dialogue,
  type Answer,
  type Figures,
  type Heard,
  type Memory,
  type SkillRequest,
} from './example-modules.ts';

const { nextStep, tellFigures, tellTrouble } = dialogue;

/** An intent within a session; what is heard is given as words, which the assistant did not recognise by itself. */
function asked({
  measure,
  period,
  ...more
}: {
  readonly measure?: string | Heard;
  readonly period?: string | Heard;
  readonly memory?: Memory;
  readonly isNew?: boolean;
}): SkillRequest {
  const heard = (slot: string | Heard | undefined) => (typeof slot === 'string' ? { words: slot } : slot);
  return {
    kind: 'intent',
    intent: 'FiguresIntent',
    isNew: false,
    memory: {},
    heard: { measure: heard(measure), period: heard(period) },
    ...more,
  };
}

const intent = (name: string, memory: Memory = {}): SkillRequest => ({
  kind: 'intent',
  intent: name,
  isNew: false,
  memory,
  heard: {},
});

function said(request: SkillRequest): Answer {
  const step = nextStep(request);
  if (step.kind !== 'say') throw new Error(`it looks up ${JSON.stringify(step.question)}`);
  expect(complaints.complaintsAbout(step.response, 'IntentRequest')).toEqual([]);
  return step.response;
}

const words = (answer: Answer) =>
  answer.response.outputSpeech?.text ?? answer.response.outputSpeech?.ssml ?? '';

const figures: Figures = {
  from: '2017-09-04',
  to: '2017-09-10',
  total: 1234,
  before: 1000,
  busiest: { day: '2017-09-07', count: 321 },
};

describe('what is asked', () => {
  it('is looked up when both halves were said', () => {
    expect(nextStep(asked({ measure: 'page views', period: 'last week' }))).toEqual({
      kind: 'look-up',
      question: { measure: 'page-views', period: 'last-week', isNew: false },
    });
  });

  it('is what the assistant recognised, whatever the words were', () => {
    const request = asked({ measure: { words: 'folks', id: 'visitors' }, period: 'Last Month ' });
    expect(nextStep(request)).toEqual({
      kind: 'look-up',
      question: { measure: 'visitors', period: 'last-month', isNew: false },
    });
  });

  it('may come in two halves, in any order', () => {
    const half = said(asked({ measure: 'visitors' }));
    expect(words(half)).toBe('For last week, or for last month?');
    expect(half.response.shouldEndSession).toBe(false);
    expect(half.sessionAttributes).toEqual({ measure: 'visitors' });
    expect(nextStep(asked({ period: 'last week', memory: { measure: 'visitors' } }))).toMatchObject({
      question: { measure: 'visitors', period: 'last-week' },
    });
    const other = said(asked({ period: 'last month' }));
    expect(words(other)).toBe('Page views, or visitors?');
    expect(other.sessionAttributes).toEqual({ period: 'last-month' });
  });

  it('takes over from the question before what is not said again', () => {
    const memory = { measure: 'page-views', period: 'last-week' };
    expect(nextStep(asked({ measure: 'visitors', memory }))).toMatchObject({
      question: { measure: 'visitors', period: 'last-week' },
    });
    expect(nextStep(asked({ period: 'last month', memory }))).toMatchObject({
      question: { measure: 'page-views', period: 'last-month' },
    });
  });

  it('is asked for when nothing was heard', () => {
    expect(words(said(asked({})))).toBe('Page views, or visitors?');
  });

  it('is asked for again when it is something that the skill does not know, and the other half is kept', () => {
    const answer = said(asked({ measure: 'bounce rates', period: 'last week' }));
    expect(words(answer)).toBe(
      'I know page views and visitors, but not “bounce rates”. Page views, or visitors?',
    );
    expect(answer.sessionAttributes).toEqual({ period: 'last-week' });
    expect(words(said(asked({ period: 'last year', memory: { measure: 'visitors' } })))).toContain(
      'but not “last year”',
    );
  });

  it('is no word of a prototype', () => {
    for (const word of ['constructor', '__proto__', 'toString'])
      expect(words(said(asked({ measure: { words: word, id: word } })))).toContain(`not “${word}”`);
  });

  it('is repeated in a form that can be said: short, without control characters', () => {
    const answer = said(asked({ measure: `a\u0000b\ud800 <break/> ${'x'.repeat(10_000)}` }));
    expect(words(answer)).toContain('a b');
    expect(words(answer).length).toBeLessThan(200);
  });
});

test.each([
  ['AMAZON.NoIntent', 'Goodbye.', true],
  ['AMAZON.StopIntent', 'Goodbye.', true],
  ['AMAZON.CancelIntent', 'Goodbye.', true],
  ['AMAZON.NavigateHomeIntent', 'Goodbye.', true],
  ['AMAZON.YesIntent', 'What would you like to know?', false],
  ['AMAZON.HelpIntent', 'You can ask for page views or visitors, of last week or last month.', false],
  ['AMAZON.FallbackIntent', 'Sorry, I didn’t get that.', false],
  ['NobodyKnowsThisIntent', 'Sorry, I didn’t get that.', false],
])('to %s it says “%s”', (name, text, ends) => {
  const answer = said(intent(name, { measure: 'visitors' }));
  expect(words(answer)).toContain(text);
  expect(answer.response.shouldEndSession).toBe(ends);
  expect(answer.sessionAttributes).toEqual(ends ? undefined : { measure: 'visitors' });
});

it('greets whoever opens it, and asks again if there is silence', () => {
  const answer = said({ kind: 'launch', isNew: true, memory: {} });
  expect(words(answer)).toBe('Welcome to site report. What would you like to know?');
  expect(answer.response.reprompt?.outputSpeech.text).toContain('page views or visitors');
});

it('says nothing when the session has ended, nor to messages that it does not know', () => {
  for (const kind of ['ended', 'other'] as const)
    expect(nextStep({ kind, isNew: false, memory: {} })).toEqual({
      kind: 'say',
      response: { version: '1.0', response: {} },
    });
});

describe('figures', () => {
  const question = { measure: 'page-views', period: 'last-week', isNew: false };

  it('are told with what they mean, as speech and as a card, and the skill goes on listening', () => {
    const answer = tellFigures(question, figures);
    expect(complaints.complaintsAbout(answer, 'IntentRequest')).toEqual([]);
    expect(answer.response.outputSpeech).toEqual({
      type: 'SSML',
      ssml:
        '<speak>There were 1,234 page views last week.<break strength="medium"/>That is 23 percent more than the week before.' +
        '<break strength="medium"/>The busiest day was Thursday, with 321.<break strength="medium"/>Anything else?</speak>',
    });
    expect(answer.response.card).toMatchObject({
      title: 'Site report: page views',
      content: expect.stringContaining('September 4, 2017 to September 10, 2017'),
    });
    expect(answer.response.shouldEndSession).toBe(false);
    expect(answer.sessionAttributes).toEqual({ measure: 'page-views', period: 'last-week' });
  });

  it('end the session that was opened with the question', () => {
    const answer = tellFigures({ ...question, isNew: true }, figures);
    expect(complaints.complaintsAbout(answer, 'IntentRequest')).toEqual([]);
    expect(answer.response.shouldEndSession).toBe(true);
    expect(words(answer)).not.toContain('Anything else?');
  });

  it.each([
    [1000, 'That is as many as the week before.'],
    [2468, 'That is 50 percent less than the week before.'],
    [0, 'There is nothing to compare it with: the week before had none.'],
  ])('are compared with the %i of the time before: %s', (before, text) => {
    const total = before === 1000 ? 1001 : 1234;
    expect(words(tellFigures(question, { ...figures, total, before }))).toContain(text);
  });

  it('name the day of a month by its date', () => {
    const answer = tellFigures({ ...question, period: 'last-month' }, figures);
    expect(words(answer)).toContain('The busiest day was September 7, with 321.');
  });

  it('that can’t be had are regretted, and the session ends', () => {
    const answer = tellTrouble();
    expect(complaints.complaintsAbout(answer, 'IntentRequest')).toEqual([]);
    expect(answer.response.shouldEndSession).toBe(true);
    expect(words(answer)).toContain('Please try again');
  });
});
