import { describe, expect, test } from 'vitest';
import { aRequest } from '../../test/offers/build-offer.ts';
import type { Constraint } from '../tasks/task-spec.ts';
import { offerConstraintsOf } from './offer-constraints.ts';
import { offerFiltersOf } from './offer-filters.ts';

const onRack: Constraint = { attribute: 'rack', operator: 'EQUALS', value: 'r2' };

/** What the master is told for one request with this constraint. */
function told(constraint: Constraint): unknown {
  const constraints = offerConstraintsOf([aRequest({ constraints: [constraint] })]);
  return constraints?.role_constraints['web'];
}

function one(selector: unknown, predicate: unknown): unknown {
  return { groups: [{ attribute_constraints: [{ selector, predicate }] }] };
}

describe('offer constraints', () => {
  test('have the form that the master took', () => {
    expect(offerConstraintsOf([aRequest({ role: 'd', constraints: [onRack] })])).toEqual({
      role_constraints: {
        d: {
          groups: [
            {
              attribute_constraints: [
                { selector: { attribute_name: 'rack' }, predicate: { text_equals: { value: 'r2' } } },
              ],
            },
          ],
        },
      },
    });
  });

  test('say each operator in the master’s words', () => {
    const rack = { attribute_name: 'rack' };
    expect(told({ attribute: 'rack', operator: 'EXISTS' })).toEqual(one(rack, { exists: {} }));
    expect(told({ attribute: 'rack', operator: 'LIKE', value: 'r[12]' })).toEqual(
      one(rack, { text_matches: { regex: 'r[12]' } }),
    );
    expect(told({ attribute: 'rack', operator: 'UNLIKE', value: 'r\\d+' })).toEqual(
      one(rack, { text_not_matches: { regex: 'r\\d+' } }),
    );
    expect(told({ attribute: 'rack', operator: 'UNLIKE', value: 'r1' })).toEqual(
      one(rack, { text_not_equals: { value: 'r1' } }),
    );
    expect(told({ attribute: 'hostname', operator: 'LIKE', value: 'node1\\.example' })).toEqual(
      one({ pseudoattribute_type: 'HOSTNAME' }, { text_equals: { value: 'node1.example' } }),
    );
    expect(told({ attribute: '@zone', operator: 'EXISTS' })).toEqual(
      one({ pseudoattribute_type: 'ZONE' }, { exists: {} }),
    );
    expect(told({ attribute: '@region', operator: 'EXISTS' })).toEqual(
      one({ pseudoattribute_type: 'REGION' }, { exists: {} }),
    );
  });

  test('leave out expressions that the master might find too large, since it would refuse the subscription', () => {
    expect(told({ attribute: 'rack', operator: 'LIKE', value: '.*foo.*bar.*' })).toBeUndefined();
    expect(told({ attribute: 'rack', operator: 'LIKE', value: '(?:a{20}){10}' })).toBeUndefined();
  });

  test('hold what all waiting tasks of a role share, and nothing else', () => {
    const other: Constraint = { attribute: 'zone', operator: 'EXISTS' };
    const both = aRequest({ constraints: [other, onRack] });
    const single = aRequest({ constraints: [onRack] });
    expect(offerConstraintsOf([both, single])).toEqual(offerConstraintsOf([single]));
    expect(offerConstraintsOf([both, aRequest()])).toBeUndefined();
    expect(offerConstraintsOf([])).toBeUndefined();
    const roles = offerConstraintsOf([single, aRequest({ role: 'db' })])?.role_constraints;
    expect(Object.keys(roles ?? {})).toEqual(['web']);
  });
});

describe('offer filters', () => {
  test('ask for no less than the least that a waiting task of the role needs of each', () => {
    const waiting = [
      aRequest({ cpus: 2, mem: 64 }),
      aRequest({ cpus: 0.5, mem: 512 }),
      aRequest({ role: 'db' }),
    ];
    expect(offerFiltersOf(waiting)).toEqual({
      web: {
        min_allocatable_resources: {
          quantities: [{ quantities: { cpus: { value: 0.5 }, mem: { value: 64 } } }],
        },
      },
      db: {
        min_allocatable_resources: {
          quantities: [{ quantities: { cpus: { value: 1 }, mem: { value: 128 } } }],
        },
      },
    });
  });

  test('don’t exist where anything is of use', () => {
    expect(offerFiltersOf([aRequest(), aRequest({ cpus: 0, mem: 0 })])).toBeUndefined();
    expect(offerFiltersOf([])).toBeUndefined();
  });
});
