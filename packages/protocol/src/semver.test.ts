import { describe, expect, it } from 'vitest';
import { nextVersion, parseVersion } from './semver.ts';

describe('a version', () => {
  it.each([
    ['1', '1.0.0'],
    ['1.2', '1.2.0'],
    ['0.0.1', '0.0.1'],
    ['01.2.3', '1.2.3'],
  ])('%s is read as %s', (text, version) => {
    expect(parseVersion(text)).toBe(version);
  });

  it.each([
    '',
    '0',
    '0.0',
    '0.0.0',
    '1.2.3.4',
    '-1',
    '1.-2',
    'a',
    '1.2.x',
    '1..2',
    ' 1',
    '1.2.3-beta',
    '9999999999',
  ])('%j is refused', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it('goes up by a patch', () => {
    expect(nextVersion('0.0.1')).toBe('0.0.2');
    expect(nextVersion('1.2.9')).toBe('1.2.10');
  });
});
