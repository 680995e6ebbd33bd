import fc from 'fast-check';
import { expect, test } from 'vitest';

import { anOffer, text } from '../../test/offers/build-offer.ts';
import type { WireOffer } from '../wire/index.ts';
import { AgentClasses } from './agent-classes.ts';
import { compileConstraint, satisfies } from './constraints.ts';

const racks = fc.array(fc.option(fc.constantFrom('r1', 'r2', 'r3', '["r1"]')), {
  minLength: 1,
  maxLength: 12,
});
const constraints = fc.array(
  fc.oneof(
    fc.record({
      attribute: fc.constantFrom('rack', 'hostname', 'nothing'),
      operator: fc.constantFrom('LIKE' as const, 'UNLIKE' as const, 'EQUALS' as const),
      value: fc.constantFrom('r1', 'r[12]', 'agent-1.example.com', 'agent-\\d.example.com', 'x'),
    }),
    fc.constant({ attribute: 'rack', operator: 'EXISTS' as const }),
  ),
  { minLength: 1, maxLength: 3 },
);

function agentsOf(values: readonly (string | null)[], times = 1): WireOffer[] {
  return Array.from({ length: values.length * times }, (_, number) => {
    const rack = values[number % values.length] ?? null;
    const offer = anOffer({ agent: `agent-${number}` });
    return rack === null ? offer : { ...offer, attributes: [text('rack', rack)] };
  });
}

test('agents are judged as each by itself would be', () => {
  fc.assert(
    fc.property(racks, constraints, fc.constantFrom(1, 10), (values, given, times) => {
      // Tens of hosts are few classes, more than a hundred are not.
      const agents = agentsOf(values, times);
      const compiled = given.map(compileConstraint);
      const classes = new AgentClasses(agents);
      // Twice: what was learnt must not change the answer.
      for (let round = 0; round < 2; round++) {
        const judge = classes.judgeOf(compiled) ?? (() => false);
        const judged = agents.map((_, number) => judge(number));
        expect(judged).toEqual(agents.map((agent) => compiled.every((each) => satisfies(each, agent))));
      }
    }),
  );
});

test('it is known at once that no rack is of use, whatever the number of agents', () => {
  const classes = new AgentClasses(agentsOf(['r1', 'r2', null], 400));
  expect(
    classes.judgeOf([compileConstraint({ attribute: 'rack', operator: 'LIKE', value: 'x.*' })]),
  ).toBeUndefined();
});
