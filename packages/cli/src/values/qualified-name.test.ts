import { expect, test } from 'vitest';
import { parseNamespaceOrName, parseQualifiedName, urlPath } from './qualified-name.ts';

test.each([
  ['foo', '_', 'foo'],
  ['pkg/foo', '_', 'pkg/foo'],
  ['/ns/foo', 'ns', 'foo'],
  ['/ns/pkg/foo', 'ns', 'pkg/foo'],
  ['ns/pkg/foo', 'ns', 'pkg/foo'],
  ['/_/foo', '_', 'foo'],
  ['a b@c.d', '_', 'a b@c.d'],
])('%s lies in namespace %s and is called %s', (written, namespace, entity) => {
  expect(parseQualifiedName(written, '_')).toEqual({ namespace, entity });
  expect(parseNamespaceOrName(written, '_')).toEqual({ namespace, entity });
});

test.each(['', '/', '//', '/ns/', 'a/', '.', 'a/./b', '..', '../a', 'a/b/c/d', '/a/b/c/d'])(
  '%j is no name',
  (written) => {
    expect(() => parseQualifiedName(written, '_')).toThrow('A valid qualified name must be specified.');
    expect(() => parseNamespaceOrName(written, '_')).toThrow('A valid qualified name must be specified.');
  },
);

test('a namespace alone is enough only where no entity is needed', () => {
  expect(parseNamespaceOrName('/ns', '_')).toEqual({ namespace: 'ns' });
  expect(parseNamespaceOrName(undefined, 'mine')).toEqual({ namespace: 'mine' });
  expect(() => parseQualifiedName('/ns', '_')).toThrow('is not a valid qualified name');
});

test('the segments of a URL are escaped, the slashes between them are not', () => {
  expect(urlPath('pkg/a b?#%')).toBe('pkg/a%20b%3F%23%25');
});
