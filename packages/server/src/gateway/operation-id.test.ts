import { expect, it } from 'vitest';
import { operationIdOf } from './operation-id.ts';

it.each([
  ['get', '/a/b-c', 'getAB-c'],
  ['GET', '/', 'get'],
  ['post', '/fooBar/{id}', 'postFoobarId'],
  ['delete', '/a.b~c/d_E', 'deleteABCD_e'],
  ['put', '/-x/_y', 'put-X_y'],
])('%s %s is called %s', (verb, path, name) => {
  expect(operationIdOf(verb, path)).toBe(name);
});
