/**
 * Schemas of the REST documents. A front door of their own: whoever only needs names and texts (the command line) does
 * not load a schema library.
 */
export { definitions } from './definitions.ts';
