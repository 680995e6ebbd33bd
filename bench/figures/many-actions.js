// P3: a hundred and a thousand warm actions against one.
import { compareManyActions } from '../lib/many-actions.js';

export function run(options) {
  return compareManyActions(options, { figure: 'many-actions', nameOf: (index) => `a${index}` });
}
