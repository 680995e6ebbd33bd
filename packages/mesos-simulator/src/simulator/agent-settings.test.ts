import { describe, expect, it } from 'vitest';
import { InvalidNotation, parseAttributes, parseResources } from './agent-settings.ts';

describe('resources in Mesos’s notation', () => {
  it('are scalars, ranges and sets, some reserved for a role', () => {
    expect(
      parseResources('cpus:8;mem(ml):16384; ports:[31000-31010, 32000-32000];disks:{a,b};mem(*):1'),
    ).toEqual([
      { name: 'cpus', type: 'SCALAR', scalar: { value: 8 } },
      {
        name: 'mem',
        type: 'SCALAR',
        scalar: { value: 16_384 },
        reservations: [{ type: 'STATIC', role: 'ml' }],
      },
      {
        name: 'ports',
        type: 'RANGES',
        ranges: {
          range: [
            { begin: 31_000, end: 31_010 },
            { begin: 32_000, end: 32_000 },
          ],
        },
      },
      { name: 'disks', type: 'SET', set: { item: ['a', 'b'] } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 1 } },
    ]);
  });

  it.each(['cpus', ':8', 'cpus:many', 'cpus:-1', 'ports:[5-1]', 'ports:[a-b]'])('%s is refused', (text) => {
    expect(() => parseResources(text)).toThrow(InvalidNotation);
  });
});

describe('attributes in Mesos’s notation', () => {
  it('are numbers where they look so, and texts', () => {
    expect(parseAttributes('rack:r1;level:10;range:[1-5];url:http://x')).toEqual([
      { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
      { name: 'level', type: 'SCALAR', scalar: { value: 10 } },
      { name: 'range', type: 'RANGES', ranges: { range: [{ begin: 1, end: 5 }] } },
      { name: 'url', type: 'TEXT', text: { value: 'http://x' } },
    ]);
  });
});
