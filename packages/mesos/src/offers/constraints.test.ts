import { describe, expect, test } from 'vitest';
import { anOffer, text } from '../../test/offers/build-offer.ts';
import type { Constraint } from '../tasks/task-spec.ts';
import type { WireOffer } from '../wire/index.ts';
import { compileConstraint, InvalidConstraint, satisfies } from './constraints.ts';

function holds(attribute: string, rule: Omit<Constraint, 'attribute'>, offer: WireOffer): boolean {
  return satisfies(compileConstraint({ attribute, ...rule }), offer);
}

const offer = anOffer({
  agent: 'node-7',
  attributes: [
    text('rack', 'r1'),
    text('rack', 'second'),
    { name: 'cores', type: 'SCALAR', scalar: { value: 16 } },
    { name: 'disks', type: 'SET', set: { item: ['ssd', 'hdd'] } },
    { name: 'vlans', type: 'RANGES', ranges: { range: [{ begin: 1, end: 5 }] } },
  ],
  domain: { fault_domain: { region: { name: 'eu' }, zone: { name: 'eu-1' } } },
});

describe('an agent', () => {
  test('satisfies LIKE when the whole value matches, and UNLIKE when it doesn’t (#36)', () => {
    expect(holds('rack', { operator: 'LIKE', value: 'r[12]' }, offer)).toBe(true);
    expect(holds('rack', { operator: 'LIKE', value: 'r' }, offer)).toBe(false);
    expect(holds('rack', { operator: 'UNLIKE', value: 'r[12]' }, offer)).toBe(false);
    expect(holds('rack', { operator: 'UNLIKE', value: 'r' }, offer)).toBe(true);
  });

  test('that lacks the attribute satisfies nothing but UNLIKE (#36)', () => {
    const bare = anOffer();
    expect(holds('rack', { operator: 'LIKE', value: '.*' }, bare)).toBe(false);
    expect(holds('rack', { operator: 'EQUALS', value: '' }, bare)).toBe(false);
    expect(holds('rack', { operator: 'EXISTS' }, bare)).toBe(false);
    expect(holds('rack', { operator: 'UNLIKE', value: '.*' }, bare)).toBe(true);
    expect(holds('@zone', { operator: 'EXISTS' }, bare)).toBe(false);
    expect(holds('@region', { operator: 'UNLIKE', value: 'eu' }, bare)).toBe(true);
  });

  test('is known by its host, region and zone, too', () => {
    expect(holds('hostname', { operator: 'LIKE', value: 'node-\\d\\.example\\.com' }, offer)).toBe(true);
    expect(holds('@region', { operator: 'EQUALS', value: 'eu' }, offer)).toBe(true);
    expect(holds('@zone', { operator: 'EQUALS', value: 'eu' }, offer)).toBe(false);
    expect(holds('@zone', { operator: 'EXISTS' }, offer)).toBe(true);
  });

  test('has numbers, sets and ranges among its attributes', () => {
    expect(holds('cores', { operator: 'EQUALS', value: '16' }, offer)).toBe(true);
    expect(holds('disks', { operator: 'LIKE', value: 's.*' }, offer)).toBe(true);
    expect(holds('disks', { operator: 'UNLIKE', value: 's.*' }, offer)).toBe(false);
    expect(holds('disks', { operator: 'EQUALS', value: 'tape' }, offer)).toBe(false);
    expect(holds('vlans', { operator: 'EQUALS', value: '1-5' }, offer)).toBe(true);
  });

  test('is known by the first attribute of a name, as to the master', () => {
    expect(holds('rack', { operator: 'EQUALS', value: 'second' }, offer)).toBe(false);
  });
});

describe('a constraint', () => {
  test.each([
    [{ attribute: '', operator: 'EXISTS' }, 'names no attribute'],
    [{ attribute: 'rack', operator: 'LIKE' }, 'lacks a value'],
    [{ attribute: 'rack', operator: 'EQUALS' }, 'lacks a value'],
    [{ attribute: 'rack', operator: 'EXISTS', value: 'r1' }, 'takes no value'],
    [
      { attribute: 'rack', operator: 'LIKE', value: '(r1' },
      '"rack LIKE (r1" has no valid regular expression: a "(" is never closed.',
    ],
    [
      { attribute: 'rack', operator: 'like' as 'LIKE', value: 'r1' },
      'an operator other than LIKE, UNLIKE, EXISTS, EQUALS',
    ],
  ] satisfies [Constraint, string][])('that can’t be meant is refused: %j', (constraint, reason) => {
    expect(() => compileConstraint(constraint)).toThrow(InvalidConstraint);
    expect(() => compileConstraint(constraint)).toThrow(reason);
  });

  test('is told apart from every other one, also when both read alike', () => {
    const one = compileConstraint({ attribute: 'a EQUALS b', operator: 'EXISTS' });
    const other = compileConstraint({ attribute: 'a', operator: 'EQUALS', value: 'b EXISTS' });
    expect(one.text).toBe(other.text);
    expect(one.key).not.toBe(other.key);
  });
});
