import { describe, expect, it } from 'vitest';
import { InvalidFault, parseFaultRule } from './parse-fault-rule.ts';

describe('a posted fault', () => {
  it('becomes a rule, with the defaults of its kind', () => {
    expect(parseFaultRule({ on: 'calls', type: 'ACCEPT', fault: 'refuse', times: 1, skip: 2 })).toEqual({
      on: 'calls',
      type: 'ACCEPT',
      times: 1,
      skip: 2,
      fault: { kind: 'refuse', status: 503, text: 'Master has not finished recovery' },
    });
    expect(parseFaultRule({ on: 'events', fault: 'garbage' }).fault).toEqual({
      kind: 'garbage',
      data: 'this is no record\n',
    });
    expect(parseFaultRule({ on: 'to-agent', agent: 2, fault: 'delay', delayMs: 50 })).toEqual({
      on: 'to-agent',
      agent: 2,
      fault: { kind: 'delay', delayMs: 50 },
    });
  });

  it.each([
    ['x', 'A fault is a JSON object.'],
    [{}, '"on" has to be one of calls, events, to-agent, from-agent.'],
    [{ on: 'calls' }, '"fault" has to be one of drop, delay,'],
    [{ on: 'calls', fault: 'delay' }, 'A delay needs "delayMs".'],
    [{ on: 'calls', fault: 'half-open' }, '"half-open" is for events, not for calls.'],
    [{ on: 'events', fault: 'swallow' }, '"swallow" is for calls, not for events.'],
    [{ on: 'calls', fault: 'drop', times: 'often' }, '"times" has to be a number, not below 0.'],
    [{ on: 'calls', fault: 'drop', type: 5 }, '"type" has to be a string.'],
  ])('%j is refused by a sentence', (given, message) => {
    expect(() => parseFaultRule(given)).toThrow(InvalidFault);
    expect(() => parseFaultRule(given)).toThrow(message);
  });
});
