import { BUILT_IN, type CatalogueAction, type CataloguePackage } from './catalogue-definition.ts';

const web = [
  { key: 'web-export', value: true },
  { key: 'final', value: true },
] as const;

const api = {
  name: 'basepath',
  type: 'string',
  description: 'The base path of an API, which begins with a slash, or its name',
} as const;
const path = { name: 'relpath', required: false, type: 'string', description: 'A path of it' } as const;
const operation = {
  name: 'operation',
  required: false,
  type: 'string',
  description: 'A method of that path',
} as const;

const createApi: CatalogueAction = {
  name: 'createApi',
  description: 'Creates an API, or adds an endpoint to one',
  documented: [
    {
      name: 'apidoc',
      required: true,
      type: 'object',
      description: 'An endpoint with its action, or in swagger a whole API',
    },
    {
      name: 'responsetype',
      required: false,
      type: 'string',
      description: 'How the result becomes a response: html, http, json, svg or text',
    },
  ],
  annotations: web,
  code: BUILT_IN,
};

const getApi: CatalogueAction = {
  name: 'getApi',
  description: 'Returns APIs as Swagger documents',
  documented: [{ ...api, required: false }, path, operation],
  annotations: web,
  code: BUILT_IN,
};

const deleteApi: CatalogueAction = {
  name: 'deleteApi',
  description: 'Deletes an API, or a part of it',
  documented: [{ ...api, required: true }, path, operation],
  annotations: web,
  code: BUILT_IN,
};

/** `/whisk.system/apimgmt`: what command lines and clients manage APIs with. */
export const apimgmtPackage: CataloguePackage = {
  name: 'apimgmt',
  description: 'Manages the APIs of a namespace',
  actions: [createApi, getApi, deleteApi],
};
