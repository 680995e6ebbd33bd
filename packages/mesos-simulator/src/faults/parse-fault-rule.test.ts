import { describe, expect, it } from 'vitest';
import { InvalidFault, parseFaultRule } from './parse-fault-rule.ts';

describe('a rule', () => {
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

  it('in code is the same, with its fault as an object', () => {
    expect(parseFaultRule({ on: 'events', fault: { kind: 'garbage' } }).fault).toEqual({
      kind: 'garbage',
      data: 'this is no record\n',
    });
    expect(parseFaultRule({ on: 'calls', fault: { kind: 'delay', delayMs: 0.5 }, type: undefined })).toEqual({
      on: 'calls',
      fault: { kind: 'delay', delayMs: 0.5 },
    });
  });

  it.each([
    ['x', 'A rule is an object'],
    [[], 'A rule is an object'],
    [{}, '"on" is missing: there are calls, events, to-agent, from-agent.'],
    [{ on: 'call', fault: 'drop' }, '"on" is "call": did you mean calls?'],
    [{ on: 'calls' }, '"fault" is missing: there are drop, delay,'],
    [{ on: 'calls', fault: 'dorp' }, '"fault" is "dorp": did you mean drop?'],
    [{ on: 'calls', fault: 'delay' }, 'A delay needs "delayMs".'],
    [{ on: 'calls', fault: 'delay', delayMs: -1 }, '"delayMs" is -1: it has to be a number, not below 0.'],
    [{ on: 'calls', fault: 'half-open' }, '"half-open" is for events, not for calls.'],
    [{ on: 'events', fault: 'swallow' }, '"swallow" is for calls, not for events.'],
    [
      { on: 'calls', fault: 'drop', times: 'often' },
      '"times" is "often": it has to be a whole number, not below 1.',
    ],
    [{ on: 'calls', fault: 'drop', skip: 0.5 }, '"skip" is 0.5: it has to be a whole number, not below 0.'],
    [
      { on: 'calls', fault: 'refuse', status: 99 },
      '"status" is 99: it has to be a whole number, from 200 to 599.',
    ],
    [{ on: 'calls', fault: 'drop', type: 5 }, '"type" is 5: there are SUBSCRIBE,'],
    [{ on: 'calls', fault: 'drop', type: 'NOPE' }, '"type" is "NOPE": there are SUBSCRIBE,'],
    [{ on: 'calls', fault: 'drop', type: 'ACEPT' }, '"type" is "ACEPT": did you mean ACCEPT?'],
    [{ on: 'events', fault: 'drop', type: 'ACCEPT' }, '"type" is "ACCEPT": there are SUBSCRIBED,'],
    [
      { on: 'calls', typ: 'ACCEPT', fault: 'drop' },
      '"typ" is no field of a rule for drop: did you mean type?',
    ],
    [{ on: 'calls', fault: 'drop', delayMs: 5 }, '"delayMs" is no field of a rule for drop: there are on,'],
    [{ on: 'calls', fault: { kind: 'drop', delayMs: 5 } }, '"delayMs" is no field of the fault drop'],
    [{ on: 'calls', fault: { kind: 'delay' }, delayMs: 5 }, '"delayMs" is no field of a rule'],
    [{ on: 'calls', fault: { kind: 'drip' } }, '"fault.kind" is "drip": did you mean drop?'],
    [{ on: 'calls', fault: 'drop', agent: 1 }, '"agent" is for to-agent, from-agent: calls have none.'],
    [{ on: 'calls', fault: 'drop', frameworkId: 5 }, '"frameworkId" is 5: it has to be a string.'],
  ])('%j is refused by a sentence', (given, message) => {
    expect(() => parseFaultRule(given)).toThrow(InvalidFault);
    expect(() => parseFaultRule(given)).toThrow(message);
  });
});
