export { renderCliReference } from './cli-reference.ts';
