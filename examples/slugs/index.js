import { slugOf } from './lib/slug.js';

/** Makes names for addresses: `{"titles":["Über uns"]}` → `{"slugs":["ueber-uns"]}`. */
export function main({ titles = [] }) {
  return { slugs: titles.map(slugOf) };
}
