// P3 with packages: warm actions, ten in each package, against one in none. Every package has parameters to inherit.
import { once } from '../lib/http-client.js';
import { compareManyActions } from '../lib/many-actions.js';

const ACTIONS_EACH = 10;

async function createPackages(platform, actions) {
  for (let index = 0; index * ACTIONS_EACH < actions; index++) {
    const { status, body } = await once(platform.target, {
      method: 'PUT',
      path: `/api/v1/namespaces/_/packages/p${index}`,
      body: JSON.stringify({ parameters: [{ key: 'package', value: index }] }),
      headers: { Authorization: platform.auth },
    });
    if (status !== 200) throw new Error(`create p${index}: ${status} ${body}`);
  }
}

export function run(options) {
  return compareManyActions(options, {
    figure: 'many-packaged-actions',
    nameOf: (index) => `p${Math.floor(index / ACTIONS_EACH)}/a${index}`,
    prepare: createPackages,
  });
}
