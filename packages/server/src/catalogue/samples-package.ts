import type { CatalogueAction, CataloguePackage } from './catalogue-definition.ts';

const payload = { name: 'payload', required: true, type: 'string', description: 'A string' } as const;
const name = { name: 'name', required: false, type: 'string' } as const;
const place = {
  name: 'place',
  required: false,
  type: 'string',
  description: 'The string to be included in the return value',
} as const;

const helloCode = `function main({ payload }) {
  console.log('hello ' + (payload === undefined ? 'stranger' : payload) + '!');
  return {};
}
`;

const helloWorld: CatalogueAction = {
  name: 'helloWorld',
  description: 'Demonstrates logging facilities',
  documented: [
    {
      name: 'payload',
      required: false,
      type: 'string',
      description: 'The string to be included in the log record',
    },
  ],
  sampleInput: { payload: 'Cat' },
  sampleOutput: {},
  code: helloCode,
};

const greeting: CatalogueAction = {
  name: 'greeting',
  description: 'Returns a friendly greeting',
  documented: [name, place],
  sampleInput: { name: 'Cat', place: 'Narrowsburg' },
  sampleOutput: { payload: 'Hello, Cat from Narrowsburg!' },
  code: `function main(params) {
  console.log('params:', params);
  const name = params.name || params.payload || 'stranger';
  const place = params.place || 'somewhere';
  return { payload: 'Hello, ' + name + ' from ' + place + '!' };
}
`,
};

const helloPromises: CatalogueAction = {
  name: 'helloPromises',
  description: 'Returns a greeting as an array of strings, later: the result is a Promise',
  documented: [name, place],
  sampleInput: { name: 'Cat', place: 'Narrowsburg' },
  sampleOutput: { lines: ['Hello,', 'Cat', 'from', 'Narrowsburg!'] },
  code: `function main({ name = 'stranger', place = 'somewhere' }) {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ lines: ['Hello,', name, 'from', place + '!'] }), 50);
  });
}
`,
};

const wordCode = `function main({ payload }) {
  const text = payload === undefined ? '' : String(payload);
  const words = text.split(/\\s+/).filter((word) => word !== '');
  console.log("The message '" + text + "' has", words.length, 'words');
  return { count: words.length };
}
`;

const wordCount: CatalogueAction = {
  name: 'wordCount',
  description: 'Count words in a string',
  documented: [payload],
  sampleInput: { payload: 'Five fuzzy felines' },
  sampleOutput: { count: 3 },
  code: wordCode,
};

const echo: CatalogueAction = {
  name: 'echo',
  description: 'Returns the input',
  documented: [{ name: 'payload', required: false, description: 'Any JSON entity' }],
  sampleInput: { payload: 'Five fuzzy felines' },
  sampleOutput: { payload: 'Five fuzzy felines' },
  code: `function main(params) {
  return params;
}
`,
};

const printParams: CatalogueAction = {
  name: 'printParams',
  description: 'Prints the parameters, sorted by their names',
  sampleInput: { x: 1, b: 5, z: 2 },
  sampleOutput: { params: { b: 5, x: 1, z: 2 } },
  code: `function main(given) {
  const params = Object.fromEntries(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const [key, value] of Object.entries(params)) console.log('params.' + key + ':', value);
  return { params };
}
`,
};

const curl: CatalogueAction = {
  name: 'curl',
  description: 'Fetches a URL; needs the internet',
  documented: [{ name: 'payload', required: true, type: 'string', description: 'A host or a URL' }],
  // Sandboxes reach the internet only for who asks.
  annotations: [{ key: 'internet', value: true }],
  sampleInput: { payload: 'example.com' },
  sampleOutput: { msg: 'content returned from example.com' },
  code: `async function main({ payload }) {
  if (!payload) return { error: 'curl: give a host or a URL as "payload".' };
  const url = /^https?:/.test(payload) ? payload : 'http://' + payload;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(20000) });
    return { msg: (await response.text()).slice(0, 500000) };
  } catch (error) {
    return { error: 'curl: ' + url + ' cannot be fetched: ' + ((error.cause || error).message || error) };
  }
}
`,
};

/** `/whisk.system/samples`: first actions to try. */
export const samplesPackage: CataloguePackage = {
  name: 'samples',
  description: 'A suite of simple actions to help you get started with OpenWhisk',
  actions: [
    helloWorld,
    { ...helloWorld, name: 'helloworld' },
    greeting,
    helloPromises,
    wordCount,
    { ...wordCount, name: 'wordcount' },
    echo,
    printParams,
    curl,
  ],
};
