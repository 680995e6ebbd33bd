import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** Of the 45 observations of a real Mesos: those that say nothing about what a scheduler client does. */
const observationsOfOthers: Readonly<Record<number, string>> = {
  45: 'interactive sessions in containers of an agent: this client offers none',
};

/** Of the scenarios 1 to 69: none is left out. */
const scenarios = numbers(69);

const package_ = new URL('../../', import.meta.url);
const marks = ['src', 'test'].flatMap((directory) =>
  readdirSync(new URL(directory, package_), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => marksIn(readFileSync(new URL(`${directory}/${file}`, package_), 'utf8'))),
);

/** A title ends with what it tests: `(O18)`, `(#21)`, `(O18, #31)`. */
function marksIn(source: string): string[] {
  const ends = source.matchAll(/((?:\s\((?:[O#]\d+(?:, )?)+\))+)['"`]\s*,/g);
  return [...ends].flatMap((end) => (end[1] ?? '').match(/[O#]\d+/g) ?? []);
}

function named(mark: 'O' | '#'): Set<number> {
  return new Set(marks.filter((each) => each.startsWith(mark)).map((each) => Number(each.slice(1))));
}

function numbers(to: number): number[] {
  return Array.from({ length: to }, (_, index) => index + 1);
}

describe('what was observed and what must be survived', () => {
  test('every observation that concerns a client has a test', () => {
    const tested = named('O');
    const concerned = numbers(45).filter((each) => !(each in observationsOfOthers));
    expect(concerned.filter((each) => !tested.has(each))).toEqual([]);
  });

  test('every scenario up to 69 has a test', () => {
    const tested = named('#');
    expect(scenarios.filter((each) => !tested.has(each))).toEqual([]);
  });

  test('no title names an observation or a scenario that there is not', () => {
    expect([...named('O')].filter((each) => each < 1 || each > 45)).toEqual([]);
    expect([...named('#')].filter((each) => each < 1 || each > 89)).toEqual([]);
  });
});
