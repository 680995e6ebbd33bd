import { expect, it } from 'vitest';
import { readTemplate } from './path-template.ts';
import { PathTable } from './path-table.ts';

function tableOf(...paths: string[]): PathTable<string> {
  const table = new PathTable<string>();
  for (const path of paths) {
    const read = readTemplate(path);
    if (!read.ok) throw new Error(read.why);
    table.add(path, read.segments, path);
  }
  return table;
}

function find(table: PathTable<string>, path: string): string | undefined {
  return table.find(path.slice(1).split('/'));
}

it('a literal goes before a parameter, and a parameter is tried where the literal leads nowhere', () => {
  const table = tableOf('/a/{x}', '/a/b', '/a/b/d', '/a/{x}/c');
  expect(find(table, '/a/b')).toBe('/a/b');
  expect(find(table, '/a/z')).toBe('/a/{x}');
  expect(find(table, '/a/b/c')).toBe('/a/{x}/c');
  expect(find(table, '/a/b/e')).toBeUndefined();
});

it('a slash at the end counts only where both forms are defined', () => {
  const table = tableOf('/a', '/b/', '/c', '/c/');
  expect(['/a/', '/b', '/c', '/c/'].map((path) => find(table, path))).toEqual(['/a', '/b/', '/c', '/c/']);
  expect(find(table, '/a//')).toBeUndefined();
});

it('a parameter is never empty', () => {
  expect(find(tableOf('/a/{x}'), '/a/')).toBeUndefined();
});

it('an escaped segment of a template is compared decoded', () => {
  expect(find(tableOf('/caf%C3%A9'), '/café')).toBe('/caf%C3%A9');
});

it('names of objects are no paths', () => {
  expect(find(tableOf('/a'), '/__proto__')).toBeUndefined();
  expect(find(tableOf('/constructor'), '/constructor')).toBe('/constructor');
});

it('says beforehand how long the longest search is: names and parameters in the same places double it', () => {
  const many = Array.from({ length: 1000 }, (_, number) => `/things/${number}/{part}/all`);
  expect(tableOf(...many).longestSearch()).toBe(5);
  const doubling = (depth: number): string[] =>
    depth === 0 ? ['/end'] : doubling(depth - 1).flatMap((rest) => [`/a${rest}`, `/{p${depth}}${rest}`]);
  expect(tableOf(...doubling(8)).longestSearch()).toBe(2 ** 9 - 1 + 2 ** 8);
});
