export { renderReferences } from './wiring/render-references.ts';
